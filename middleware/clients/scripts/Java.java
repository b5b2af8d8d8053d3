import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** Java's HttpClient and HttpURLConnection, with the forms that programs write by hand. */
public class Java {
  static String base;

  static URI url(String form, int files) {
    return URI.create(
        base + "?form=" + URLEncoder.encode(form, StandardCharsets.UTF_8) + "&files=" + files);
  }

  static byte[] form(String boundary, byte[] picture, String eol) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(("--" + boundary + eol).getBytes());
    out.write(("Content-Disposition: form-data; name=\"note\"" + eol + eol + "x" + eol).getBytes());
    out.write(("--" + boundary + eol).getBytes());
    out.write(
        ("Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"" + eol).getBytes());
    out.write(("Content-Type: image/png" + eol + eol).getBytes());
    out.write(picture);
    out.write((eol + "--" + boundary + "--" + eol).getBytes());
    return out.toByteArray();
  }

  static final HttpClient CLIENT = HttpClient.newHttpClient();

  static void send(String name, HttpRequest.Builder builder) throws Exception {
    CLIENT.send(builder.build(), BodyHandlers.ofString());
  }

  public static void main(String[] args) throws Exception {
    base = args[0];
    Path png = Path.of(args[1]);
    byte[] picture = Files.readAllBytes(png);

    String boundary = UUID.randomUUID().toString();
    String kind = "multipart/form-data; boundary=" + boundary;
    String name = "Java HttpClient, form";
    send(name, HttpRequest.newBuilder(url(name, 1)).header("Content-Type", kind)
        .POST(BodyPublishers.ofByteArray(form(boundary, picture, "\r\n"))));
    name = "Java HttpClient, PUT in chunks";
    send(name, HttpRequest.newBuilder(url(name, 1)).header("Content-Type", "multipart/form-data;boundary=" + boundary)
        .PUT(BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(form(boundary, picture, "\r\n")))));
    name = "Java HttpClient, body";
    send(name, HttpRequest.newBuilder(url(name, 1)).header("Content-Type", "image/png").POST(BodyPublishers.ofFile(png)));
    name = "Java HttpClient, body without a type";
    send(name, HttpRequest.newBuilder(url(name, 1)).POST(BodyPublishers.ofByteArray(picture)));

    String now = Long.toString(System.currentTimeMillis());
    connect("Java HttpURLConnection, hyphens", "---------------------------" + now, picture);
    connect("Java HttpURLConnection, equals signs", "===" + now + "===", picture);
    connect("Java HttpURLConnection, asterisks", "*****", picture);
  }

  static void connect(String name, String boundary, byte[] picture) throws IOException {
    var connection = (HttpURLConnection) url(name, 1).toURL().openConnection();
    connection.setDoOutput(true);
    connection.setRequestProperty("Content-Type", "multipart/form-data;boundary=" + boundary);
    try (var out = new DataOutputStream(connection.getOutputStream())) {
      out.write(form(boundary, picture, "\r\n"));
    }
    connection.getResponseCode();
  }
}
