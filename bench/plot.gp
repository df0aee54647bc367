# SPDX-License-Identifier: BSD-2-Clause
#
# The curves of one run of `scache-bench all --out DIR`, as SVG and PNG in the same directory:
#
#   gnuplot -e "dir='DIR'" bench/plot.gp

if (!exists("dir")) dir = "."

set datafile missing "NaN"
set grid ytics lc rgb "#d8d8d8" lt 1 lw 0.7
set border 3 lc rgb "#606060"
set tics nomirror out textcolor rgb "#303030"
# One key for a page, above both halves, where no curve can run through it.
set key above center horizontal Left reverse samplen 2.5 width 2 textcolor rgb "#303030"
set title offset 0,-0.4

set style line 1 lc rgb "#8c8c8c" lw 2 pt 5 ps 0.9 dt 2
set style line 2 lc rgb "#c8553d" lw 2 pt 9 ps 1.0
set style line 3 lc rgb "#1f6fb2" lw 2.6 pt 7 ps 0.9

names = "floor Postfix scache"

# Columns: x, then for each figure one column for each server.
RATE = 2; CPU = 5; P50 = 8; P99 = 11; SIZE = 14

clients = dir . "/clients.dat"
cached = dir . "/cached.dat"
idle = dir . "/idle.dat"

do for [format in "svg png"] {
    if (format eq "svg") {
        set terminal svg size 1080,440 dynamic enhanced font "sans,13" background "#ffffff"
    } else {
        set terminal pngcairo size 1620,660 enhanced font "sans,16" background "#ffffff"
    }

    # How it scales with clients.
    set output dir . "/clients." . format
    set multiplot layout 1,2 margins 0.08,0.98,0.15,0.85 spacing 0.10,0
    set title "Requests a second (cycle: save\\_endp, save\\_dest, find\\_dest)"
    set xlabel "clients, no think time"
    set logscale x 2
    set xrange [0.9:290]
    set yrange [0:*]
    set format y "%.0f k"
    plot for [i=1:3] clients using 1:(column(RATE + i - 1) / 1000) with linespoints ls i \
        title word(names, i)
    set title "Latency of a request: median, and 99th percentile (thin)"
    set format y "%h us"
    set logscale y
    set yrange [*:*]
    plot for [i=1:3] clients using 1:(column(P50 + i - 1)) with linespoints ls i \
            title word(names, i), \
         for [i=1:3] clients using 1:(column(P99 + i - 1)) with lines ls i lw 1 notitle
    unset multiplot
    unset logscale

    # What is cached must cost nothing.
    set output dir . "/cached." . format
    set multiplot layout 1,2 margins 0.08,0.98,0.15,0.85 spacing 0.10,0
    set xrange [0:15500]
    set xtics 0,5000
    set format x "%.0f"
    set yrange [0:*]
    set xlabel "connections cached beforehand (8 clients at work)"
    set title "Requests a second"
    set format y "%.0f k"
    plot for [i=1:3] cached using 1:(column(RATE + i - 1) / 1000) with linespoints ls i \
        title word(names, i)
    set title "Server CPU time for one request"
    set format y "%.0f us"
    plot for [i=1:3] cached using 1:(column(CPU + i - 1)) with linespoints ls i \
        title word(names, i)
    unset multiplot

    # Memory.
    set output dir . "/memory." . format
    set multiplot layout 1,2 margins 0.08,0.98,0.15,0.85 spacing 0.10,0
    set title "Resident size: connections cached, 190 bytes of strings each"
    set xlabel "connections cached"
    set format y "%.0f MB"
    set yrange [0:*]
    plot for [i=1:3] cached using 1:(column(SIZE + i - 1) / 1e6) with linespoints ls i \
        title word(names, i)
    set title "Resident size: idle clients"
    set xlabel "clients connected"
    set xrange [0:10400]
    set xtics 0,2500
    plot for [i=1:3] idle using 1:(column(1 + i) / 1e6) with linespoints ls i \
        title word(names, i)
    unset multiplot
    set xtics autofreq
}
set output
