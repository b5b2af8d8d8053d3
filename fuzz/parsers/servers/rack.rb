# Answers the list of files that Rack found in a request, of any method and at any
# path. The server is as small as can be: Rack has none of its own. A line of JSON on
# standard output says where it listens.
require "digest"
require "json"
require "rack"
require "socket"
require "stringio"

# read_request returns the environment of the next request.
def read_request(client)
  line = client.gets("\r\n", chomp: true) or raise EOFError
  method, target, = line.split(" ")
  env = { "REQUEST_METHOD" => method, "PATH_INFO" => target, "QUERY_STRING" => "", "rack.errors" => $stderr }
  while (line = client.gets("\r\n", chomp: true)) && !line.empty?
    name, value = line.split(":", 2)
    key = name.upcase.tr("-", "_")
    key = "HTTP_#{key}" unless %w[CONTENT_TYPE CONTENT_LENGTH].include?(key)
    env[key] = value.to_s.strip
  end
  body = +"".b
  if env["HTTP_TRANSFER_ENCODING"]
    until (size = client.gets("\r\n").to_i(16)).zero?
      body << client.read(size)
      client.read(2)
    end
  else
    body = client.read(env["CONTENT_LENGTH"].to_i) || body
  end
  env.merge("rack.input" => StringIO.new(body))
end

def seen(field, value)
  case value
  when Hash
    if value[:tempfile]
      data = value[:tempfile].read
      [{ field: field.scrub, name: value[:filename].to_s.scrub, size: data.bytesize, sha256: Digest::SHA256.hexdigest(data) }]
    else
      value.flat_map { |key, each| seen("#{field}[#{key}]", each) }
    end
  when Array then value.flat_map { |each| seen(field, each) }
  else []
  end
end

server = TCPServer.new("127.0.0.1", 0)
$stdout.puts JSON.generate(name: "rack", version: Rack.release, addr: "127.0.0.1:#{server.addr[1]}")
$stdout.flush
loop do
  Thread.new(server.accept) do |client|
    begin
      form = Rack::Request.new(read_request(client)).POST
      status, answer = "200 OK", { files: form.flat_map { |field, value| seen(field, value) } }
    rescue StandardError => e
      status, answer = "400 Bad Request", { failed: e.class.name }
    end
    body = JSON.generate(answer)
    client.write "HTTP/1.1 #{status}\r\nContent-Type: application/json\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}"
  rescue SystemCallError, IOError
    nil # the client has gone
  ensure
    client.close
  end
end
