"""Side by side with peers: programs for developers, each of which prints the table that the README shows.

`signing` makes passes, `push` sends pushes, `fetch` asks the real server for a card. Contestants take turns in one run, and what
counts are the ratios: absolute figures swing two-fold on a shared machine. Peers come from PyPI (the ``bench`` extra) and npm
(``package.json`` here), by version. Everything stays on 127.0.0.1 and ends within three minutes.
"""
