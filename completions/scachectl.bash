# SPDX-License-Identifier: BSD-2-Clause
# Completion of scachectl's commands and options for bash.

# Prints the long options that a command takes; without one, those that stand before any.
_scachectl_options() {
    local cache='--deadline --classic --no-greeting' control='--control --color'

    echo '--socket --json --help --version'
    case $1 in
    '') echo "$cache $control" ;;
    save | find | take | put | shell | run | ping) echo "$cache" ;;
    stats | list | show | watch | advise | drop | params | set | unset | metrics) echo "$control" ;;
    esac
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
    stats) echo '--every --count' ;;
    list)
        echo '--label --contains --user --sort --limit --long --properties --exact'
        ;;
    show) echo '--user' ;;
    watch) echo '--label --contains --user' ;;
    advise) echo '--html --user' ;;
    drop) echo '--user --dry-run' ;;
    set) echo '--for' ;;
    metrics) echo '--output' ;;
    esac
}

_scachectl() {
    local commands='run put take save find shell ping stats list show watch advise drop params set
        unset metrics help'
    local kinds='destinations endpoints connections bindings'
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' word words i

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
        -s | --socket | --deadline | --control | --color) continue ;;
        esac
        [[ -z $command && $word != -* ]] && command=$word
    done

    case $previous in
    -s | --socket | --control | --html | -o | --output)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --to)
        mapfile -t COMPREPLY < <(compgen -W 'tcp: unix:' -- "$current")
        return
        ;;
    --color)
        mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current")
        return
        ;;
    --sort)
        mapfile -t COMPREPLY < <(compgen -W 'age connections lookups recent hits misses' \
            -- "$current")
        return
        ;;
    --user)
        mapfile -t COMPREPLY < <(compgen -u -- "$current")
        return
        ;;
    help)
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
        return
        ;;
    esac

    if [[ -z $command && $current != -* ]]; then
        words=$commands
    elif [[ $command == list && $current != -* ]]; then
        words="$kinds clients users"
    elif [[ $command == drop && $current != -* ]]; then
        words="$kinds all"
    else
        words=$(_scachectl_options "$command")
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _scachectl scachectl
