package io.kledger.projection.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Subscriptions of the packaged service: killed, in a storm, and many at once. */
class SubscriptionIT {
  private static final String AT = "/api/v1/machines/storm/";
  private static final Pattern CHANGE =
      Pattern.compile("\"id\":\"([^\"]+)\"|\"type\":\"(mount\\.[a-z]+)\"");

  @TempDir Path directory;

  /** Waits until the machine can be asked. */
  private static void awaitReady(ServiceProcess service) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < 200; i++) {
        HttpResponse<String> answer =
            client.send(
                HttpRequest.newBuilder(service.http(AT + "digest")).build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 200) {
          return;
        }
        Thread.sleep(50);
      }
    }
    throw new IOException("not ready:\n" + service.output());
  }

  /** Adds {@code POSITION TYPE} of each change in a frame; returns the last id. */
  private static String read(String frame, String before, List<String> changes) {
    String id = before;
    Matcher matcher = CHANGE.matcher(frame);
    while (matcher.find()) {
      if (matcher.group(1) != null) {
        id = matcher.group(1);
      } else {
        changes.add(id.substring(id.lastIndexOf(':') + 1) + " " + matcher.group(2));
      }
    }
    return id;
  }

  @Test
  @Timeout(120)
  void whoResumesAfterKillsSeesEachChangeOnce() throws Exception {
    Path ledger = directory.resolve("ledger");
    List<String> seen = new ArrayList<>();
    try (Storm storm = new Storm(ledger, 9_000)) {
      storm.begin();
      Thread appending = Thread.ofPlatform().start(() -> appendSlowly(storm));
      List<String> expected = storm.changes();
      String cursor = null;
      int kills = 0;
      while (seen.size() < expected.size()) {
        ServiceProcess service = ServiceProcess.start(ledger);
        try {
          awaitReady(service);
          URI address =
              service.socket(
                  AT
                      + "socket?what=mounts&after="
                      + (cursor == null ? "@" + storm.start() : cursor));
          int enough = expected.size() * (2 * kills + 1) / 8;
          try (SocketClient client = new SocketClient(address)) {
            Thread killer = null;
            for (Object frame = client.next(5_000);
                frame instanceof String text && text.startsWith("[");
                frame = client.next(5_000)) {
              cursor = read(text, cursor, seen);
              if (kills < 3 && killer == null && seen.size() >= enough) {
                // Not at the end of a frame of ours, but whenever it happens to be.
                killer = kill(service, System.nanoTime() + 2_000_000);
              }
              if (seen.size() >= expected.size()) {
                break;
              }
            }
            if (killer != null) {
              killer.join();
              kills++;
            }
          }
        } finally {
          service.close();
        }
      }
      appending.join();
      assertThat(kills).isEqualTo(3);
      assertThat(seen).containsExactlyElementsOf(expected);
    }
  }

  private static void appendSlowly(Storm storm) {
    try {
      while (storm.append(50)) {
        Thread.sleep(12);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Thread kill(ServiceProcess service, long at) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                Thread.sleep(Math.max(1, (at - System.nanoTime()) / 1_000_000));
                service.kill();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  @Test
  @Timeout(120)
  void nothingOfAStormIsLost() throws Exception {
    Path ledger = directory.resolve("ledger");
    try (Storm storm = new Storm(ledger, 20_000)) {
      storm.begin();
      try (ServiceProcess service = ServiceProcess.start(ledger)) {
        awaitReady(service);
        List<String> text = new ArrayList<>();
        List<String> records = new ArrayList<>();
        try (SocketClient json = new SocketClient(service.socket(AT + "socket?what=mounts"));
            SocketClient binary =
                new SocketClient(service.socket(AT + "socket?what=mounts&format=native"))) {
          assertThat(json.next(10_000)).as("where it begins").isNotNull();
          assertThat(binary.next(10_000)).isNotNull();
          while (storm.append(5_000)) {
            Thread.onSpinWait();
          }
          List<String> expected = storm.changes();
          String cursor = null;
          while (text.size() < expected.size()) {
            Object frame = json.next(10_000);
            assertThat(frame).as("after %s", cursor).isNotNull();
            cursor = read((String) frame, cursor, text);
          }
          while (records.size() < expected.size()) {
            Object frame = binary.next(10_000);
            assertThat(frame).as("after %d records", records.size()).isNotNull();
            mounts((ByteBuffer) frame, records);
          }
          assertThat(text).containsExactlyElementsOf(expected);
          assertThat(records).containsExactlyElementsOf(expected);
        }
        assertThat(service.stop()).as("milliseconds to stop").isLessThan(10_000);
      }
    }
  }

  /** Adds {@code POSITION TYPE} of each record of fanotify in a frame. */
  private static void mounts(ByteBuffer frame, List<String> into) {
    ByteBuffer in = frame.order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long position = in.getLong();
      int kind = in.getInt();
      int length = in.getInt();
      int at = in.position();
      if (kind == NativeEncoding.MOUNT) {
        assertThat(length).isEqualTo(40);
        assertThat(in.getInt(at)).as("event_len").isEqualTo(40);
        assertThat(in.get(at + 4)).as("vers").isEqualTo((byte) 3);
        assertThat(in.getShort(at + 6)).as("metadata_len").isEqualTo((short) 24);
        assertThat(in.getInt(at + 16)).as("fd").isEqualTo(-1);
        assertThat(in.getInt(at + 20)).as("pid").isEqualTo(5);
        assertThat(in.get(at + 24)).as("FAN_EVENT_INFO_TYPE_MNT").isEqualTo((byte) 7);
        assertThat(in.getShort(at + 26)).as("len").isEqualTo((short) 16);
        assertThat(in.getLong(at + 32)).as("mnt_id").isPositive();
        long mask = in.getLong(at + 8);
        into.add(
            position + (mask == NativeEncoding.FAN_MNT_ATTACH ? " mount.attach" : " mount.detach"));
      }
      in.position(at + length);
    }
  }

  @Test
  @Timeout(120)
  void aHundredSubscribersHearTenThousandChangesASecond() throws Exception {
    int subscribers = 100;
    int pairs = 25_000;
    Path ledger = directory.resolve("ledger");
    List<SocketClient> clients = new ArrayList<>();
    try (Storm storm = new Storm(ledger, pairs)) {
      storm.begin();
      try (ServiceProcess service = ServiceProcess.start(ledger)) {
        awaitReady(service);
        for (int i = 0; i < subscribers; i++) {
          clients.add(new SocketClient(service.socket(AT + "socket?what=mounts&format=native")));
        }
        long begun = System.nanoTime();
        List<Thread> readers = new ArrayList<>();
        long[] last = new long[subscribers];
        int[] counts = new int[subscribers];
        boolean[] ordered = new boolean[subscribers];
        java.util.Arrays.fill(last, storm.start());
        for (int i = 0; i < subscribers; i++) {
          int number = i;
          readers.add(
              Thread.ofVirtual()
                  .start(() -> count(clients.get(number), number, last, counts, ordered)));
        }
        // 500 changes in 50 ms, if the processors are not taken by others.
        long next = begun;
        while (storm.append(500)) {
          next += 50_000_000L;
          Thread.sleep(Math.max(0, (next - System.nanoTime()) / 1_000_000));
        }
        double appended = (System.nanoTime() - begun) / 1e9;
        for (Thread reader : readers) {
          reader.join();
        }
        double heard = (System.nanoTime() - begun) / 1e9;
        System.out.printf(
            "%d subscribers, %d changes: appended in %.1f s, heard by all after %.1f s%n",
            subscribers, 2 * pairs, appended, heard);
        assertThat(counts).containsOnly(2 * pairs);
        assertThat(ordered).containsOnly(true);
        assertThat(heard - appended).as("seconds behind").isLessThan(30);
      }
    } finally {
      clients.forEach(SocketClient::close);
    }
  }

  private static void count(
      SocketClient client, int number, long[] last, int[] counts, boolean[] ordered) {
    ordered[number] = true;
    int expected = 50_000;
    try {
      while (counts[number] < expected) {
        Object frame = client.next(15_000);
        if (!(frame instanceof ByteBuffer in)) {
          return;
        }
        in.order(ByteOrder.LITTLE_ENDIAN);
        for (int at = in.position(); at < in.limit(); at += 16 + in.getInt(at + 12)) {
          if (in.getInt(at + 8) == NativeEncoding.MOUNT) {
            ordered[number] &= in.getLong(at) == last[number] + 1;
            last[number] = in.getLong(at);
            counts[number]++;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
