package io.kledger.log.kafka;

import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Makes a ledger's topics, and refuses to write to such as would lose events. */
public final class TopicSetup {

  private static final String FOREVER = "-1";
  private static final int DEFAULT_PARTITIONS = 6;

  private final LedgerUri.Kafka uri;
  private final KafkaClients clients;
  private final Topics topics;

  /** For one ledger. */
  public TopicSetup(LedgerUri.Kafka uri, KafkaClients clients) {
    this.uri = uri;
    this.clients = clients;
    topics = new Topics(uri.prefix());
  }

  /**
   * What there is.
   *
   * @param id of the events' topic, given by the broker: the ledger's
   * @param partitions of the events' topic
   */
  record Found(String id, int partitions) {}

  /**
   * Finds the ledger, or makes it.
   *
   * @throws LogException.NoLedger if there is none and it may not be made
   */
  Found open(boolean create) {
    try (var admin = clients.admin()) {
      var found = describe(admin);
      if (found == null) {
        if (!create) {
          throw new LogException.NoLedger(uri);
        }
        create(admin);
        found = await(admin);
      }
      var id = found.topicId();
      return new Found(
          new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()).toString(),
          found.partitions().size());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw KafkaErrors.of(uri, "open " + uri, e);
    } catch (ExecutionException | RuntimeException e) {
      throw KafkaErrors.of(uri, "open " + uri, e);
    }
  }

  private TopicDescription describe(Admin admin) throws ExecutionException, InterruptedException {
    try {
      var all =
          admin.describeTopics(List.of(topics.events(), topics.machines())).allTopicNames().get();
      return all.get(topics.events());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return null;
      }
      throw e;
    }
  }

  /** A new topic takes a moment until every broker knows it. */
  private TopicDescription await(Admin admin) throws ExecutionException, InterruptedException {
    for (int i = 0; i < 100; i++) {
      var found = describe(admin);
      if (found != null && found.partitions().stream().allMatch(p -> p.leader() != null)) {
        return found;
      }
      Thread.sleep(50);
    }
    throw new LogException.Failed("the topics of " + uri + " were made but do not appear", null);
  }

  /** Makes the topics that are not there. */
  public void create() {
    try (var admin = clients.admin()) {
      create(admin);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw KafkaErrors.of(uri, "make the topics of " + uri, e);
    } catch (ExecutionException | RuntimeException e) {
      throw KafkaErrors.of(uri, "make the topics of " + uri, e);
    }
  }

  private void create(Admin admin) throws ExecutionException, InterruptedException {
    int partitions =
        Integer.parseInt(
            clients.own(KafkaClients.PARTITIONS, Integer.toString(DEFAULT_PARTITIONS)));
    var said = clients.own(KafkaClients.REPLICATION, null);
    var replication = Optional.ofNullable(said).map(Short::valueOf);
    var insync = said != null && Short.parseShort(said) > 1 ? "2" : null;
    var log = config(TopicConfig.CLEANUP_POLICY_DELETE, insync);
    var table = config(TopicConfig.CLEANUP_POLICY_COMPACT, insync);
    var wanted = new ArrayList<NewTopic>();
    wanted.add(new NewTopic(topics.events(), Optional.of(partitions), replication).configs(log));
    wanted.add(new NewTopic(topics.changes(), Optional.of(partitions), replication).configs(log));
    wanted.add(new NewTopic(topics.rejected(), Optional.of(1), replication).configs(log));
    wanted.add(new NewTopic(topics.schemas(), Optional.of(1), replication).configs(table));
    wanted.add(new NewTopic(topics.machines(), Optional.of(1), replication).configs(table));
    for (var made : admin.createTopics(wanted).values().values()) {
      try {
        made.get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
  }

  private static Map<String, String> config(String cleanup, String insync) {
    var config = new java.util.HashMap<String, String>();
    config.put(TopicConfig.CLEANUP_POLICY_CONFIG, cleanup);
    config.put(TopicConfig.RETENTION_MS_CONFIG, FOREVER);
    config.put(TopicConfig.RETENTION_BYTES_CONFIG, FOREVER);
    if (insync != null) {
      config.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, insync);
    }
    return config;
  }

  /**
   * What would lose events that were acknowledged, each with what to do; empty if nothing would. A
   * single replica is not among it: a single broker cannot do better.
   */
  public List<String> dangers() {
    try (var admin = clients.admin()) {
      var found = new ArrayList<String>();
      var descriptions =
          admin.describeTopics(List.of(topics.events(), topics.machines())).allTopicNames().get();
      for (var topic : List.of(topics.events(), topics.machines())) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        var values = new java.util.HashMap<String, String>();
        config.entries().forEach(entry -> values.put(entry.name(), entry.value()));
        dangers(topic, values, descriptions.get(topic), found);
      }
      return found;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw KafkaErrors.of(uri, "look at the topics of " + uri, e);
    } catch (ExecutionException | RuntimeException e) {
      throw KafkaErrors.of(uri, "look at the topics of " + uri, e);
    }
  }

  private void dangers(
      String topic, Map<String, String> config, TopicDescription description, List<String> found) {
    boolean events = topic.equals(topics.events());
    var policy = config.getOrDefault(TopicConfig.CLEANUP_POLICY_CONFIG, "");
    if (events && policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
      found.add(
          wrong(
              topic,
              TopicConfig.CLEANUP_POLICY_CONFIG,
              policy,
              "drops all but the last" + " event of each machine",
              TopicConfig.CLEANUP_POLICY_DELETE));
    }
    if (!events && !policy.equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
      found.add(
          wrong(
              topic,
              TopicConfig.CLEANUP_POLICY_CONFIG,
              policy,
              "forgets where machines' logs are",
              TopicConfig.CLEANUP_POLICY_COMPACT));
    }
    if (events) {
      for (var limit :
          List.of(TopicConfig.RETENTION_MS_CONFIG, TopicConfig.RETENTION_BYTES_CONFIG)) {
        var value = config.get(limit);
        if (value != null && !value.equals(FOREVER) && !policy.isEmpty()) {
          found.add(wrong(topic, limit, value, "deletes old events", FOREVER));
        }
      }
    }
    int replicas =
        description.partitions().stream().mapToInt(p -> p.replicas().size()).min().orElse(1);
    int insync =
        Integer.parseInt(config.getOrDefault(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "1"));
    if (replicas > 1 && insync < 2) {
      found.add(
          wrong(
              topic,
              TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
              Integer.toString(insync),
              "acknowledges events that only one broker has",
              "2"));
    }
    if (unclean(config)) {
      found.add(
          wrong(
              topic,
              TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG,
              "true",
              "lets a broker that lacks events become leader",
              "false"));
    }
  }

  private static boolean unclean(Map<String, String> config) {
    return "true".equals(config.get(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG));
  }

  private static String wrong(
      String topic, String name, String value, String effect, String better) {
    return "topic "
        + topic
        + " has "
        + name
        + "="
        + value
        + ", which "
        + effect
        + "; set it: kafka-configs.sh --alter --topic "
        + topic
        + " --add-config "
        + name
        + "="
        + better;
  }

  /**
   * Refuses what {@link #dangers} finds, unless the user accepts it.
   *
   * @throws LogException.Failed with what is wrong and what to do
   */
  void requireSafe(java.util.function.Consumer<String> notices) {
    var found = dangers();
    if (found.isEmpty()) {
      return;
    }
    if (Boolean.parseBoolean(clients.own(KafkaClients.ACCEPT_LOSS, "false"))) {
      found.forEach(notices);
      return;
    }
    throw new LogException.Failed(
        "nothing is written to "
            + uri
            + ", because events would get lost: "
            + String.join("; ", found)
            + " (or accept it with "
            + KafkaClients.ACCEPT_LOSS
            + "=true in the file of --kafka-config)",
        null);
  }
}
