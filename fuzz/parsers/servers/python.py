"""A server for each multipart parser of Python. Each answers the list of files that
it found in a request, of any method and at any path. A line of JSON on standard
output for each says where it listens."""

import asyncio
import hashlib
import io
import json
import logging
import socket
import socketserver
import sys
import threading
import warnings
import wsgiref.simple_server

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def seen(field, name, data):
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    return {"field": text(field), "name": text(name), "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def text(s):
    """What JSON can hold of a name."""
    if isinstance(s, bytes):
        s = s.decode("latin-1")
    return (s or "").encode("utf-8", "replace").decode()


def announce(name, version, port):
    print(json.dumps({"name": name, "version": version, "addr": "127.0.0.1:%d" % port}), flush=True)


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *args):
        pass


class Threaded(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True
    request_queue_size = 64

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address
        self.setup_environ()


def wsgi(name, version, files):
    """Serves files(environ), a list, with the WSGI server of the standard library."""

    def app(environ, start_response):
        try:
            status, answer = "200 OK", {"files": files(environ)}
        except Exception as err:
            status, answer = "400 Bad Request", {"failed": repr(err)}
        body = json.dumps(answer).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    wsgi_app(name, version, app)


def wsgi_app(name, version, app):
    def read_all(environ, start_response):
        # What an app leaves unread would reset the connection when it is closed. cgi reads
        # to the end of its input, and this one has none.
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        environ["wsgi.errors"] = io.StringIO()
        return app(environ, start_response)

    server = Threaded(("127.0.0.1", 0), Quiet)
    server.set_app(read_all)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    announce(name, version, server.server_port)


def try_(start):
    """A library that is missing is one parser less, and the test says so."""
    try:
        start()
    except ImportError as err:
        print(json.dumps({"name": start.__name__, "missing": str(err)}), flush=True)


def werkzeug():
    from importlib.metadata import version

    from werkzeug.wrappers import Request

    def files(environ):
        return [seen(f, s.filename, s.read()) for f, s in Request(environ).files.items(multi=True)]

    wsgi("werkzeug", version("werkzeug"), files)


def django():
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIRequest

    settings.configure(ALLOWED_HOSTS=["*"])
    django.setup()

    def files(environ):
        return [seen(f, s.name, s.read()) for f, many in WSGIRequest(environ).FILES.lists() for s in many]

    wsgi("Django", django.get_version(), files)


def bottle():
    import bottle

    def files(environ):
        return [seen(f, s.raw_filename, s.file.read()) for f, s in bottle.Request(environ).files.allitems()]

    wsgi("bottle", bottle.__version__, files)


def standard():
    import cgi

    def files(environ):
        def walk(storage):
            for item in storage.list or []:
                if item.list:
                    yield from walk(item)
                elif item.filename is not None:
                    data = item.file.read() if item.file else item.value
                    yield seen(item.name, item.filename, data)

        return list(walk(cgi.FieldStorage(fp=environ["wsgi.input"], environ=environ, keep_blank_values=True)))

    wsgi("Python's cgi", "%d.%d" % sys.version_info[:2], files)


def falcon():
    import falcon

    def sink(req, resp):
        resp.media = {"files": [
            seen(part.name, part.filename, part.stream.read()) for part in req.get_media() if part.filename is not None
        ]}

    app = falcon.App()
    app.add_sink(sink)
    wsgi_app("falcon", falcon.__version__, app)


def starlette():
    import starlette
    import uvicorn
    from starlette.datastructures import UploadFile
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        try:
            form = await Request(scope, receive).form()
            files = [seen(f, v.filename, await v.read()) for f, v in form.multi_items() if isinstance(v, UploadFile)]
            response = JSONResponse({"files": files})
        except Exception as err:
            response = JSONResponse({"failed": repr(err)}, status_code=400)
        await response(scope, receive, send)

    async def serve():
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        announce("starlette", starlette.__version__, sock.getsockname()[1])
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        server.install_signal_handlers = lambda: None
        await server.serve(sockets=[sock])

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()


def aiohttp():
    import aiohttp
    from aiohttp import web

    async def handler(request):
        try:
            post = await request.post()
            files = [seen(f, v.filename, v.file.read()) for f, v in post.items() if isinstance(v, web.FileField)]
            return web.json_response({"files": files})
        except Exception as err:
            return web.json_response({"failed": repr(err)}, status=400)

    async def reader(request):
        async def walk(parts):
            files = []
            async for part in parts:
                if isinstance(part, aiohttp.MultipartReader):
                    files += await walk(part)
                elif part.filename is not None:
                    files.append(seen(part.name, part.filename, bytes(await part.read(decode=True))))
            return files

        try:
            return web.json_response({"files": await walk(await request.multipart())})
        except Exception as err:
            return web.json_response({"failed": repr(err)}, status=400)

    async def start(name, handler):
        runner = web.ServerRunner(web.Server(handler))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        announce(name, aiohttp.__version__, site._server.sockets[0].getsockname()[1])

    async def main():
        await start("aiohttp post", handler)
        await start("aiohttp multipart", reader)
        await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()


def tornado():
    import tornado
    from tornado.httpserver import HTTPServer
    from tornado.httputil import HTTPHeaders, ResponseStartLine
    from tornado.ioloop import IOLoop
    from tornado.netutil import bind_sockets

    def handle(request):
        files = [seen(field, f.filename, f.body) for field, many in request.files.items() for f in many]
        body = json.dumps({"files": files}).encode()
        request.connection.write_headers(
            ResponseStartLine("HTTP/1.1", 200, "OK"),
            HTTPHeaders({"Content-Type": "application/json", "Content-Length": str(len(body))}), body)
        request.connection.finish()

    def run():
        asyncio.set_event_loop(asyncio.new_event_loop())
        sockets = bind_sockets(0, "127.0.0.1")
        HTTPServer(handle).add_sockets(sockets)
        announce("tornado", tornado.version, sockets[0].getsockname()[1])
        IOLoop.current().start()

    threading.Thread(target=run, daemon=True).start()


for start in (werkzeug, django, bottle, standard, falcon, starlette, aiohttp, tornado):
    try_(start)
sys.stdin.read()  # until the test ends
