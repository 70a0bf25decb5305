"""Pieces of the source of small apps that a test writes to a file."""

APP = "async def app(scope, receive, send): assert scope['type'] == 'http'\n"
# Keeps the interpreter from ending.
THREAD = "import threading, time; threading.Thread(target=time.sleep, args=[600]).start()\n"
