"""The sample office of `make run`: its settings, its restrictions, and a day of contact that shows them at work.

Belongs here: invented people and their day, as data, and what plays them. It uses the product's doors like any sender.
"""
