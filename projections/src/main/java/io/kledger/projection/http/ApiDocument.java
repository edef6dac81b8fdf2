package io.kledger.projection.http;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;

/**
 * Completes the OpenAPI document: the parameters of each path with examples, what is no resource,
 * and how errors look. A test asks the resources whether this is what they take.
 *
 * <p>Not a filter that Quarkus is told of: it would load this class while it builds, on the JDK
 * that Maven runs on, which may be older than the one that compiled it. See {@link
 * ApiDocumentRoute}.
 */
final class ApiDocument implements OASFilter {
  private static final String MACHINE = "/api/v1/machines/{machine}/";
  private static final List<String> ROWS = List.of("columns", "q", "filter", "limit", "cursor");

  private record Described(String description, Schema.SchemaType type, Object example) {}

  private static final Map<String, Described> PARAMETERS = new LinkedHashMap<>();

  static {
    text(
        "at",
        "The moment: @N (after event N), an RFC 3339 time, -5min, end, or a marker's name; default"
            + " end.",
        "@1900");
    number("pid", "A process.", 19);
    number("ns", "Inode number of a mount namespace.", 4026531841L);
    text("path", "A cgroup, and what is below it.", "/");
    text("columns", "Only these columns, separated by commas.", "target,options");
    text("q", "Only rows of which a value contains this text.", "proc");
    text(
        "filter",
        "Only what meets this condition; the language of kledger log. Of rows of a view the fields"
            + " are its columns, of events and changes evt.*, proc.*, fd.*, note.*.",
        null);
    number("limit", "At most so many rows.", 10);
    text("cursor", "The `next` of the answer before: the page after it, of the same moment.", null);
    text("after", "Only what came after: @N, or a cursor.", "@1354");
    text(
        "what",
        "mounts, locks, cgroups, tasks, fds, namespaces, separated by commas, or all; default the"
            + " first three.",
        "mounts");
    text("kind", "mount, lock, fd, cgroup, task, or (history) row.", "mount");
    text("name", "A path, PID:FD, a PID, or TABLE:KEY.", "/proc");
    text("to", "The moment up to which; default that of `at`.", "end");
    text("from", "The earlier moment; of the timeline, the place after which it begins.", "@1700");
    text("view", "objects (default), or rows: all tables as they are stored.", "objects");
    number("buckets", "At most so many buckets.", 100);
    text("source", "Name of the source of events.", "trace");
    text("kernel", "Profile of the kernel: wishlist, 6.18 ...", "6.18");
    text("feature", "SLUG=on or SLUG=off; may be given again.", null);
    text("initial", "true: the state first, then what changes, under one cursor.", "true");
    text("format", "json (default), cloudevents, or (sockets) native.", "cloudevents");
    number("heartbeat", "Seconds of silence after which something is sent; default 15.", 15);
  }

  /** Paths with the parameters they take. */
  static final Map<String, List<String>> PATHS = new LinkedHashMap<>();

  static {
    view("mountinfo", "pid", "ns");
    view("mounts", "pid", "ns");
    view("locks", "pid");
    view("cgroups", "pid", "path");
    view("tasks", "pid");
    view("fds", "pid");
    view("namespaces", "pid");
    view("sockets", "pid");
    view("blockdevs");
    view("watches", "pid");
    view("rings");
    view("why", "kind", "name", "pid");
    view("history", "kind", "name", "to");
    view("diff", "from", "view");
    PATHS.put(MACHINE + "digest", List.of("at"));
    PATHS.put(MACHINE + "events", List.of("at", "after", "limit", "filter"));
    PATHS.put(MACHINE + "changes", List.of("at", "after", "limit", "filter", "what"));
    PATHS.put(MACHINE + "timeline", List.of("at", "from", "buckets"));
    PATHS.put(MACHINE + "stream", Openings.KNOWN);
    PATHS.put(MACHINE + "socket", Openings.KNOWN);
  }

  private static void text(String name, String description, String example) {
    PARAMETERS.put(name, new Described(description, Schema.SchemaType.STRING, example));
  }

  private static void number(String name, String description, long example) {
    PARAMETERS.put(name, new Described(description, Schema.SchemaType.INTEGER, example));
  }

  private static void view(String name, String... own) {
    List<String> all = new ArrayList<>(List.of("at"));
    all.addAll(List.of(own));
    all.addAll(ROWS);
    PATHS.put(MACHINE + name, all);
  }

  @Override
  public void filterOpenAPI(OpenAPI document) {
    stream(document, "stream", "Changes, live, as server-sent events.", "text/event-stream");
    stream(
        document,
        "socket",
        "Changes, live, in frames over a WebSocket (101); see /asyncapi.yaml.",
        null);
    PATHS.forEach(
        (path, names) -> {
          PathItem item = document.getPaths().getPathItem(path);
          if (item != null && item.getGET() != null) {
            complete(item.getGET(), path, names);
          }
        });
    post(document, MACHINE + "events", List.of("source"));
    post(document, "/api/v1/simulate", List.of("kernel", "feature"));
    document.getPaths().getPathItems().values().stream()
        .flatMap(item -> item.getOperations().values().stream())
        .forEach(ApiDocument::problems);
  }

  private static void stream(OpenAPI document, String name, String summary, String mediaType) {
    var answer = OASFactory.createAPIResponse().description(summary);
    if (mediaType != null) {
      answer.content(
          OASFactory.createContent().addMediaType(mediaType, OASFactory.createMediaType()));
    }
    document
        .getPaths()
        .addPathItem(
            MACHINE + name,
            OASFactory.createPathItem()
                .GET(
                    OASFactory.createOperation()
                        .operationId(name)
                        .summary(summary)
                        .responses(
                            OASFactory.createAPIResponses()
                                .addAPIResponse(mediaType == null ? "101" : "200", answer))));
  }

  private static void complete(Operation operation, String path, List<String> names) {
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(
        OASFactory.createParameter()
            .name("machine")
            .in(Parameter.In.PATH)
            .required(true)
            .description("Name of a machine; /api/v1/machines lists them.")
            .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING))
            .example("demo"));
    names.forEach(name -> parameters.add(query(name, required(path, name))));
    operation.setParameters(parameters);
    if (path.endsWith("/mountinfo") || path.endsWith("/locks") || path.endsWith("/cgroups")) {
      operation.setDescription("With Accept: text/plain the text that the kernel has in /proc.");
    }
  }

  private static boolean required(String path, String name) {
    return name.equals("kind")
        || name.equals("name")
        || name.equals("from") && path.endsWith("/diff");
  }

  private static Parameter query(String name, boolean required) {
    Described described = PARAMETERS.get(name);
    Schema schema = OASFactory.createSchema().addType(described.type());
    if (described.type() == Schema.SchemaType.INTEGER) {
      schema.setMinimum(BigDecimal.ONE);
    }
    Parameter parameter =
        OASFactory.createParameter()
            .name(name)
            .in(Parameter.In.QUERY)
            .description(described.description())
            .schema(schema);
    if (required) {
      parameter.setRequired(true);
    }
    if (described.example() != null) {
      parameter.setExample(described.example());
    }
    return parameter;
  }

  private static void post(OpenAPI document, String path, List<String> names) {
    PathItem item = document.getPaths().getPathItem(path);
    if (item == null || item.getPOST() == null) {
      return;
    }
    Operation operation = item.getPOST();
    List<Parameter> parameters =
        new ArrayList<>(operation.getParameters() == null ? List.of() : operation.getParameters());
    parameters.removeIf(parameter -> parameter.getIn() == Parameter.In.QUERY);
    names.forEach(name -> parameters.add(query(name, false)));
    operation.setParameters(parameters);
    operation.setRequestBody(
        OASFactory.createRequestBody()
            .description("A trace as strace prints it.")
            .required(true)
            .content(
                OASFactory.createContent()
                    .addMediaType(
                        "text/plain",
                        OASFactory.createMediaType()
                            .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING))
                            .example("mount(\"none\", \"/mnt\", \"tmpfs\", 0, NULL) = ?\n"))));
  }

  private static void problems(Operation operation) {
    if (operation.getResponses() == null) {
      operation.setResponses(OASFactory.createAPIResponses());
    }
    operation
        .getResponses()
        .addAPIResponse(
            "default",
            OASFactory.createAPIResponse()
                .description("Why there is no answer, RFC 9457.")
                .content(
                    OASFactory.createContent()
                        .addMediaType(Problem.MEDIA_TYPE, OASFactory.createMediaType())));
  }
}
