"""The gate: rules that say of an issue, before it goes out, what readers would suffer from.

Each file holds a group of rules and a function that asks them of a `Mail`; `rules` lists them all.
Nothing here reads a file, a clock or the network: what a rule knows stands in `facts.Mail`.
"""
