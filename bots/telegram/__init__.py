"""Telegram as a channel. Importing its modules imports aiogram, which takes a second: done only for a real bot."""
