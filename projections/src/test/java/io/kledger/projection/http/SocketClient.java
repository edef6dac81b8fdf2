package io.kledger.projection.http;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A subscriber: keeps what comes in the order in which it came. */
final class SocketClient implements AutoCloseable {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
  private final WebSocket socket;

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        received.add(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
      ByteBuffer both = ByteBuffer.allocate(bytes.remaining() + part.remaining());
      both.put(bytes).put(part).flip();
      bytes = both;
      if (last) {
        received.add(both);
        bytes = ByteBuffer.allocate(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      received.add(code + " " + reason);
      return null;
    }
  }

  SocketClient(URI address, String... headers) {
    WebSocket.Builder builder = CLIENT.newWebSocketBuilder();
    for (int i = 0; i < headers.length; i += 2) {
      builder.header(headers[i], headers[i + 1]);
    }
    socket = builder.buildAsync(address, new Listener()).join();
  }

  /** The next message; null if none comes in time. */
  Object next(long millis) throws InterruptedException {
    return received.poll(millis, TimeUnit.MILLISECONDS);
  }

  void say(String text) {
    socket.sendText(text, true).join();
  }

  @Override
  public void close() {
    socket.abort();
  }
}
