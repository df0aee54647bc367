# SPDX-License-Identifier: BSD-2-Clause
# Completion of scachectl's commands and options for fish.

set -l commands run put take save find shell ping help
set -l none "not __fish_seen_subcommand_from $commands"

complete -c scachectl -f
complete -c scachectl -s s -l socket -r -F -d 'Socket of the server'
complete -c scachectl -s j -l json -d 'Print each line as a JSON object'
complete -c scachectl -l deadline -x -d 'Milliseconds for each request'
complete -c scachectl -l classic -d "Use Postfix's own requests only"
complete -c scachectl -l no-greeting -d 'For Postfix 3.5 and earlier'
complete -c scachectl -s h -l help -d 'Show a help text'
complete -c scachectl -s V -l version -d 'Show the version'

complete -c scachectl -n $none -a run -d 'Run a program with a cached connection, or a new one'
complete -c scachectl -n $none -a put -d 'Cache a connection, and perhaps a destination for it'
complete -c scachectl -n $none -a take -d 'Take a connection out, by destination or by endpoint'
complete -c scachectl -n $none -a save -d "Cache a connection or a binding by Postfix's requests"
complete -c scachectl -n $none -a find -d "Take a connection out by Postfix's requests"
complete -c scachectl -n $none -a shell -d 'Read requests from standard input'
complete -c scachectl -n $none -a ping -d 'Ask whether a server answers'
complete -c scachectl -n $none -a help -d 'Show all about a command'
complete -c scachectl -n '__fish_seen_subcommand_from help' -a "run put take save find shell ping"

set -l saves '__fish_seen_subcommand_from save put'
set -l looks '__fish_seen_subcommand_from find take'
set -l runs '__fish_seen_subcommand_from run'
set -l any '__fish_seen_subcommand_from save put shell'
set -l put '__fish_seen_subcommand_from put'

complete -c scachectl -n $any -l any -d 'Also what is no socket'
complete -c scachectl -n $saves -s f -l fd -x -d 'Descriptor of the connection'
complete -c scachectl -n "$saves; or $looks" -s d -l destination -x -d 'Label of a destination'
complete -c scachectl -n "$saves; or $runs" -s t -l ttl -x -d 'Seconds it may stay'
complete -c scachectl -n "$saves; or $runs" -s p -l property -x -d 'What one must know to use it'
complete -c scachectl -n "$looks; or $runs" -s v -l verbose -d 'Print the line with a program, too'
complete -c scachectl -n $put -l destination-property -x -d 'Property of the binding'
complete -c scachectl -n $put -l destination-ttl -x -d 'Seconds the binding may stay'
complete -c scachectl -n $runs -l to -x -a 'tcp: unix:' -d 'Where the connection leads'
complete -c scachectl -n $runs -l service -x -d 'Share with all who say so'
complete -c scachectl -n $runs -l label -x -d 'Label of the endpoint, the network aside'
complete -c scachectl -n $runs -l label-exact -d 'Add no network to the label'
complete -c scachectl -n $runs -l quiet-protocol -d 'The far end speaks only when asked'
complete -c scachectl -n $runs -l max-age -x -d 'Seconds after which it is closed'
complete -c scachectl -n $runs -l max-uses -x -d 'Programs after which it is closed'
complete -c scachectl -n $runs -l field -x -d 'NAME=VALUE that makes it unequal to others'
complete -c scachectl -n $runs -l connect-timeout -x -d 'Seconds for each address'
