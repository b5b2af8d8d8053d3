import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executors;
import org.apache.commons.fileupload.FileItem;
import org.apache.commons.fileupload.FileUpload;
import org.apache.commons.fileupload.UploadContext;
import org.apache.commons.fileupload.disk.DiskFileItemFactory;

/**
 * Answers the list of files that commons-fileupload found in a request, of any method and at any
 * path. A line of JSON on standard output says where it listens.
 */
public class Java {
  record Body(String contentType, InputStream stream) implements UploadContext {
    public String getCharacterEncoding() {
      return null;
    }

    public String getContentType() {
      return contentType;
    }

    @Deprecated
    public int getContentLength() {
      return -1;
    }

    public long contentLength() {
      return -1;
    }

    public InputStream getInputStream() {
      return stream;
    }
  }

  static String quote(String s) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : (s == null ? "" : s).toCharArray()) {
      if (c < ' ' || c == '"' || c == '\\' || c > '~') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  static String seen(FileItem item) throws Exception {
    byte[] data = item.get();
    byte[] sum = MessageDigest.getInstance("SHA-256").digest(data);
    String name;
    try {
      name = item.getName();
    } catch (org.apache.commons.fileupload.InvalidFileNameException e) {
      name = e.getName();
    }
    return String.format(
        "{\"field\":%s,\"name\":%s,\"size\":%d,\"sha256\":\"%s\"}",
        quote(item.getFieldName()), quote(name), data.length, HexFormat.of().formatHex(sum));
  }

  public static void main(String[] args) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 64);
    server.setExecutor(Executors.newFixedThreadPool(4));
    server.createContext(
        "/",
        exchange -> {
          int status = 200;
          String answer;
          try {
            Body body =
                new Body(
                    exchange.getRequestHeaders().getFirst("Content-Type"),
                    exchange.getRequestBody());
            List<String> files = new ArrayList<>();
            if (FileUpload.isMultipartContent(body)) {
              for (FileItem item :
                  new FileUpload(new DiskFileItemFactory(64 << 20, null)).parseRequest(body)) {
                if (!item.isFormField()) {
                  files.add(seen(item));
                }
              }
            }
            answer = "{\"files\":[" + String.join(",", files) + "]}";
          } catch (Exception e) {
            status = 400;
            answer = "{\"failed\":" + quote(e.toString()) + "}";
          }
          byte[] out = answer.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(status, out.length);
          exchange.getResponseBody().write(out);
          exchange.close();
        });
    server.start();
    String version = FileUpload.class.getPackage().getImplementationVersion();
    System.out.printf(
        "{\"name\":\"commons-fileupload\",\"version\":\"%s\",\"addr\":\"127.0.0.1:%d\"}%n",
        version, server.getAddress().getPort());
  }
}
