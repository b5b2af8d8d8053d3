# Ruby's net/http. Arguments: URL, PNG, JPEG.
require "net/http"
require "uri"

base, png, jpeg = ARGV

def send_form(base, form, files, request_class = Net::HTTP::Post)
  uri = URI(base)
  uri.query = URI.encode_www_form(form: form, files: files)
  request = request_class.new(uri)
  yield request
  Net::HTTP.start(uri.host, uri.port) { |http| http.request(request) }
end

send_form(base, "Ruby set_form", 1) { |r| r.set_form([["note", "x"], ["image", File.open(png)]], "multipart/form-data") }
send_form(base, "Ruby set_form, name and type", 1, Net::HTTP::Put) do |r|
  r.set_form([["image", File.open(png), { filename: "größe \"x\" y.png", content_type: "image/png" }]], "multipart/form-data")
end
send_form(base, "Ruby set_form, a quote and a semicolon", 1) do |r|
  r.set_form([["image", File.open(png), { filename: "a\"b;c.png" }]], "multipart/form-data")
end
send_form(base, "Ruby set_form, two files", 2) do |r|
  r.set_form([["image", File.open(png)], ["image", File.open(jpeg)]], "multipart/form-data", charset: "UTF-8")
end
send_form(base, "Ruby set_form, a boundary", 1) do |r|
  r.set_form([["image", File.open(png)]], "multipart/form-data", boundary: "AaB03x")
end
send_form(base, "Ruby body", 1) { |r| r.body = File.binread(png); r["Content-Type"] = "image/png" }
send_form(base, "Ruby body without a type", 1) { |r| r.body = File.binread(png) }
send_form(base, "Ruby body_stream", 1) do |r|
  r.body_stream = File.open(png)
  r["Transfer-Encoding"] = "chunked"
  r["Content-Type"] = "application/octet-stream"
end
