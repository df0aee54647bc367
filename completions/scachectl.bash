# SPDX-License-Identifier: BSD-2-Clause
# Completion of scachectl's commands and options for bash.

# Prints the long options that a command takes beyond those of all commands.
_scachectl_options() {
    case $1 in
    save) echo '--ttl --property --fd --any --destination' ;;
    find | take) echo '--destination --verbose' ;;
    put)
        echo '--ttl --property --fd --any --destination --destination-property --destination-ttl'
        ;;
    shell) echo '--any' ;;
    run)
        echo '--to --ttl --service --field --label --label-exact --quiet-protocol --max-age' \
            '--max-uses --property --connect-timeout --verbose'
        ;;
    esac
}

_scachectl() {
    local common='--socket --json --deadline --classic --no-greeting --help --version'
    local commands='run put take save find shell ping help'
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' word i

    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == -- ]]; then
            # From here on it is another program's command line.
            if declare -F _command_offset >/dev/null; then
                _command_offset $((i + 1))
            else
                mapfile -t COMPREPLY < <(compgen -c -f -- "$current")
            fi
            return
        fi
        case ${COMP_WORDS[i - 1]} in
        -s | --socket | --deadline) continue ;;
        esac
        [[ -z $command && $word != -* ]] && command=$word
    done

    case $previous in
    -s | --socket)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --to)
        mapfile -t COMPREPLY < <(compgen -W 'tcp: unix:' -- "$current")
        return
        ;;
    help)
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
        return
        ;;
    esac

    if [[ -z $command && $current != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$common $(_scachectl_options "$command")" -- "$current")
    fi
}

complete -F _scachectl scachectl
