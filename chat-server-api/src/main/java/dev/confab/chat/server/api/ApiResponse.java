package dev.confab.chat.server.api;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The answer to one request, for an adapter to write. */
public final class ApiResponse {
  private static final String JSON = "application/json; charset=utf-8";

  private final int status;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private final byte[] body;

  private ApiResponse(int status, String type, byte[] body) {
    this.status = status;
    this.body = body;
    if (body.length > 0) {
      headers.put("Content-Type", type);
    }
    // What is asked with a key is nobody else's to keep, and never a page.
    headers.put("Cache-Control", "no-store");
    headers.put("X-Content-Type-Options", "nosniff");
  }

  static ApiResponse json(int status, String json) {
    return new ApiResponse(status, JSON, json.getBytes(StandardCharsets.UTF_8));
  }

  static ApiResponse text(int status, String text) {
    return new ApiResponse(
        status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  static ApiResponse nothing() {
    return new ApiResponse(204, "", new byte[0]);
  }

  ApiResponse header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** The status. */
  public int status() {
    return status;
  }

  /** The headers; the length of the body is the adapter's to say. */
  public Map<String, String> headers() {
    return Map.copyOf(headers);
  }

  int bodyBytes() {
    return body.length;
  }

  /** The body, the caller's own copy. */
  public byte[] body() {
    return body.clone();
  }
}
