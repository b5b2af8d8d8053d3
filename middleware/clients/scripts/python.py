"""requests, urllib3, httpx, aiohttp, http.client and urllib, each in the ways that
programs use them. Arguments: URL, PNG, JPEG."""

import asyncio
import http.client
import io
import sys
import urllib.parse
import urllib.request
import uuid

base, png_name, jpeg_name = sys.argv[1:4]
with open(png_name, "rb") as f:
    png = f.read()
with open(jpeg_name, "rb") as f:
    jpeg = f.read()
ODD = 'it\'s "quoted"; größe 图.png'


def url(form, files):
    return base + "?" + urllib.parse.urlencode({"form": form, "files": files})


def with_requests():
    import requests

    forms = [
        ("an open file", 1, {"image": open(png_name, "rb")}),
        ("bytes", 1, {"image": png}),
        ("name and type", 1, {"image": ("a.png", png, "image/png")}),
        ("odd name", 1, {"image": (ODD, png, "image/png")}),
        ("a header of its own", 1, {"image": ("a.png", png, "image/png", {"Content-Length": str(len(png))})}),
        ("two files", 2, [("image", ("a.png", png, "image/png")), ("image", ("b.jpg", jpeg, "image/jpeg"))]),
    ]
    for name, n, files in forms:
        requests.post(url("requests: " + name, n), files=files, data={"note": "größe", "list": ["a", "b"]})
    requests.put(url("requests: body", 1), data=png, headers={"Content-Type": "image/png"})
    requests.post(url("requests: body without a type", 1), data=open(png_name, "rb"))
    requests.post(url("requests: stream", 1), data=iter([png[:10], png[10:]]))


def with_urllib3():
    import urllib3
    from urllib3.fields import RequestField

    pool = urllib3.PoolManager()
    for name, fields in [
        ("fields", {"note": "größe", "image": ("a.png", png, "image/png")}),
        ("odd name", {"image": (ODD, png)}),
        ("guessed type", {"image": ("a.png", png)}),
    ]:
        pool.request("POST", url("urllib3: " + name, 1), fields=fields)
    field = RequestField("image", png, filename="größe.png")
    field.make_multipart(content_type="image/png")
    body, kind = urllib3.encode_multipart_formdata([field])
    pool.request("POST", url("urllib3: RequestField", 1), body=body, headers={"Content-Type": kind})


def with_httpx():
    import httpx

    for name, n, files in [
        ("an open file", 1, {"image": open(png_name, "rb")}),
        ("name and type", 1, {"image": ("a.png", png, "image/png")}),
        ("odd name", 1, {"image": (ODD, png, "image/png")}),
        ("two files", 2, [("image", ("a.png", png)), ("image", ("b.jpg", jpeg))]),
    ]:
        httpx.post(url("httpx: " + name, n), files=files, data={"note": "größe"})
    httpx.post(url("httpx: body", 1), content=png)


def with_aiohttp():
    import aiohttp

    async def main():
        async with aiohttp.ClientSession() as session:

            async def post(name, data):
                async with session.post(url("aiohttp: " + name, 1), data=data) as response:
                    await response.text()

            form = aiohttp.FormData()
            form.add_field("note", "größe")
            form.add_field("image", png, filename="a.png", content_type="image/png")
            await post("FormData", form)
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("image", png, filename="a.png", content_type="image/png")
            await post("quote_fields=False", form)
            form = aiohttp.FormData()
            form.add_field("image", open(png_name, "rb"), filename="größe 图.png")
            await post("not ASCII", form)
            await post("a dict", {"image": open(png_name, "rb"), "note": "x"})
            with aiohttp.MultipartWriter("form-data") as writer:
                part = writer.append(png, {"Content-Type": "image/png"})
                part.set_content_disposition("form-data", name="image", filename="a.png")
            await post("MultipartWriter", writer)
            await post("body", png)

    asyncio.run(main())


def by_hand():
    """The recipe that many scripts copy."""
    boundary = uuid.uuid4().hex
    body = io.BytesIO()
    body.write(("--%s\r\n" % boundary).encode())
    body.write(b'Content-Disposition: form-data; name="note"\r\n\r\nx\r\n')
    body.write(("--%s\r\n" % boundary).encode())
    body.write(b'Content-Disposition: form-data; name="image"; filename="a.png"\r\n')
    body.write(b"Content-Type: image/png\r\n\r\n")
    body.write(png + b"\r\n")
    body.write(("--%s--\r\n" % boundary).encode())
    kind = "multipart/form-data; boundary=%s" % boundary
    to = urllib.parse.urlsplit(url("http.client by hand", 1))
    connection = http.client.HTTPConnection(to.netloc)
    connection.request("POST", to.path + "?" + to.query, body.getvalue(), {"Content-Type": kind})
    connection.getresponse().read()
    urllib.request.urlopen(urllib.request.Request(url("urllib by hand", 1), body.getvalue(), {"Content-Type": kind}))
    # urllib says application/x-www-form-urlencoded of any body.
    urllib.request.urlopen(url("urllib: body", 1), png)


for client in (by_hand, with_requests, with_urllib3, with_httpx, with_aiohttp):
    client()
