# SPDX-License-Identifier: BSD-2-Clause
# Completion of scachectl's commands and options for fish.

set -l cache run put take save find shell ping
set -l control stats list show watch advise drop params set unset metrics
set -l commands $cache $control help
set -l none "not __fish_seen_subcommand_from $commands"

complete -c scachectl -f
complete -c scachectl -s s -l socket -r -F -d 'Socket of the server'
complete -c scachectl -s j -l json -d 'Print each line as a JSON object'
complete -c scachectl -s h -l help -d 'Show a help text'
complete -c scachectl -s V -l version -d 'Show the version'

set -l caches "$none; or __fish_seen_subcommand_from $cache"
set -l looks_at "$none; or __fish_seen_subcommand_from $control"
complete -c scachectl -n $caches -l deadline -x -d 'Milliseconds for each request'
complete -c scachectl -n $caches -l classic -d "Use Postfix's own requests only"
complete -c scachectl -n $caches -l no-greeting -d 'For Postfix 3.5 and earlier'
complete -c scachectl -n $looks_at -l control -r -F -d 'Control socket of the server'
complete -c scachectl -n $looks_at -l color -x -a 'auto always never' -d 'Whether to use colours'

complete -c scachectl -n $none -a run -d 'Run a program with a cached connection, or a new one'
complete -c scachectl -n $none -a put -d 'Cache a connection, and perhaps a destination for it'
complete -c scachectl -n $none -a take -d 'Take a connection out, by destination or by endpoint'
complete -c scachectl -n $none -a save -d "Cache a connection or a binding by Postfix's requests"
complete -c scachectl -n $none -a find -d "Take a connection out by Postfix's requests"
complete -c scachectl -n $none -a shell -d 'Read requests from standard input'
complete -c scachectl -n $none -a ping -d 'Ask whether a server answers'
complete -c scachectl -n $none -a stats -d 'How much is reused, and why the rest is not'
complete -c scachectl -n $none -a list -d 'What is cached, and who is connected'
complete -c scachectl -n $none -a show -d 'All about a place, a connection or a binding'
complete -c scachectl -n $none -a watch -d 'What happens, as it happens'
complete -c scachectl -n $none -a advise -d 'What another configuration would bring'
complete -c scachectl -n $none -a drop -d 'Close what is cached'
complete -c scachectl -n $none -a params -d 'The parameters, and where their values are from'
complete -c scachectl -n $none -a set -d 'Another value of a parameter for a while'
complete -c scachectl -n $none -a unset -d 'The usual value of a parameter again'
complete -c scachectl -n $none -a metrics -d 'What is counted, for Prometheus'
complete -c scachectl -n $none -a help -d 'Show all about a command'
complete -c scachectl -n '__fish_seen_subcommand_from help' -a "$cache $control"

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

set -l stats '__fish_seen_subcommand_from stats'
set -l list '__fish_seen_subcommand_from list'
set -l drop '__fish_seen_subcommand_from drop'
set -l filters '__fish_seen_subcommand_from list watch'
set -l of_users '__fish_seen_subcommand_from list show watch advise drop'
set -l kinds destinations endpoints connections bindings

complete -c scachectl -n $stats -l every -x -d 'Seconds from one line to the next'
complete -c scachectl -n $stats -s n -l count -x -d 'How many lines'
complete -c scachectl -n $list -a "$kinds clients users"
complete -c scachectl -n $drop -a "all $kinds"
complete -c scachectl -n $filters -l label -x -d 'Only this destination or endpoint'
complete -c scachectl -n $filters -l contains -x -d 'Only where a label contains this'
complete -c scachectl -n $of_users -l user -x -a '(__fish_complete_users)' -d 'Only his entries'
complete -c scachectl -n $list -l sort -x -a 'age connections lookups recent hits misses' \
    -d 'The largest first'
complete -c scachectl -n $list -l limit -x -d 'So many of them'
complete -c scachectl -n $list -l long -d 'Look at each connection'
complete -c scachectl -n $list -l properties -d 'The properties, too'
complete -c scachectl -n $list -l exact -d 'Whole values, as the shell reads them'
complete -c scachectl -n '__fish_seen_subcommand_from advise' -l html -r -F -d 'Write a page'
complete -c scachectl -n $drop -l dry-run -d 'Only say how many'
complete -c scachectl -n '__fish_seen_subcommand_from set' -l for -x -d 'For how long: 90s, 10m, 2h'
complete -c scachectl -n '__fish_seen_subcommand_from metrics' -s o -l output -r -F \
    -d 'Replace this file'
