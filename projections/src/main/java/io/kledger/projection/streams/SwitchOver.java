package io.kledger.projection.streams;

import io.kledger.log.kafka.KafkaClients;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * From one version of the model to the next. Each version is a Kafka Streams application of its
 * own, with its own state, and its own place in the events. A new one folds from the beginning
 * beside the old one, publishes nothing of what the old one has published, never overtakes it while
 * it runs, and publishes from exactly where the old one ended.
 */
final class SwitchOver {
  private static final long PAUSE_MILLIS = 200;

  private final KafkaClients clients;
  private final String ours;
  private final String applications;
  private final String topic;
  private final Consumer<String> notices;
  private final Map<Integer, Long> published = new HashMap<>();
  private boolean othersRun = true;
  private boolean anyOthers = true;
  private boolean told;

  /**
   * For one application.
   *
   * @param ours its id
   * @param applications what the ids of all versions begin with
   * @param topic of the events
   */
  SwitchOver(
      KafkaClients clients,
      String ours,
      String applications,
      String topic,
      Consumer<String> notices) {
    this.clients = clients;
    this.ours = ours;
    this.applications = applications;
    this.topic = topic;
    this.notices = notices;
  }

  /**
   * Whether the changes of the event at an offset are ours to publish. Waits while an older version
   * runs that has not come as far.
   */
  boolean emit(int partition, long offset) {
    if (!anyOthers) {
      return true;
    }
    return ask(partition, offset);
  }

  private synchronized boolean ask(int partition, long offset) {
    while (anyOthers) {
      if (offset < published.getOrDefault(partition, 0L)) {
        return false;
      }
      if (!othersRun) {
        return true;
      }
      refresh();
      if (offset >= published.getOrDefault(partition, 0L) && othersRun) {
        waiting();
      }
    }
    return true;
  }

  private void waiting() {
    if (!told) {
      told = true;
      notices.accept(
          "caught up with another version of the model that is running; stop it, and this one goes"
              + " on publishing where it ended");
    }
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    }
  }

  /** What versions there are, whether they run, and how far they have come. */
  private void refresh() {
    try (Admin admin = clients.admin()) {
      var groups =
          admin.listGroups(new ListGroupsOptions()).all().get().stream()
              .map(group -> group.groupId())
              .filter(id -> id.startsWith(applications) && !id.equals(ours))
              .toList();
      anyOthers = !groups.isEmpty();
      boolean running = false;
      for (String group : groups) {
        running |= running(admin, group);
      }
      // After that they are asked whether they run: what they published then is final.
      for (String group : groups) {
        committed(admin, group);
      }
      othersRun = running;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    } catch (ExecutionException e) {
      throw new KafkaException("cannot see how far other versions of the model are", e.getCause());
    }
  }

  private static boolean running(Admin admin, String group)
      throws ExecutionException, InterruptedException {
    var described = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
    return !described.members().isEmpty();
  }

  private void committed(Admin admin, String group)
      throws ExecutionException, InterruptedException {
    admin
        .listConsumerGroupOffsets(group)
        .partitionsToOffsetAndMetadata()
        .get()
        .forEach(
            (TopicPartition partition, org.apache.kafka.clients.consumer.OffsetAndMetadata at) -> {
              if (at != null && partition.topic().equals(topic)) {
                published.merge(partition.partition(), at.offset(), Math::max);
              }
            });
  }
}
