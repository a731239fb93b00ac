"""The web app: pages over the library and the agent. Nothing imports this package but app.py."""
