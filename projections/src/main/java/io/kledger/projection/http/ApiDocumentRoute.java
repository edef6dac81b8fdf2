package io.kledger.projection.http;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import io.quarkus.smallrye.openapi.runtime.OpenApiDocumentService;
import io.smallrye.openapi.api.SmallRyeOpenAPI;
import io.smallrye.openapi.runtime.io.Format;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;

/** The OpenAPI document: what Quarkus found in the resources, completed when it is asked for. */
@ApplicationScoped
public class ApiDocumentRoute {
  @Inject OpenApiDocumentService found;

  private String json;
  private String yaml;

  void register(@Observes Router router) {
    router.get("/q/openapi").order(-100).blockingHandler(this::answer, false);
  }

  private void answer(RoutingContext context) {
    String accept = String.valueOf(context.request().getHeader("Accept"));
    String format = String.valueOf(context.queryParams().get("format"));
    boolean asJson =
        format.equalsIgnoreCase("json")
            || format.equals("null") && accept.contains("application/json");
    context
        .response()
        .putHeader(
            "Content-Type",
            asJson ? "application/json;charset=UTF-8" : "application/yaml;charset=UTF-8")
        .end(document(asJson));
  }

  private synchronized String document(boolean asJson) {
    if (json == null) {
      byte[] before = found.getDocument(OpenApiFilter.DEFAULT_DOCUMENT_NAME, Format.JSON);
      SmallRyeOpenAPI complete =
          SmallRyeOpenAPI.builder()
              .enableModelReader(false)
              .enableStandardStaticFiles(false)
              .enableStandardFilter(false)
              .enableAnnotationScan(false)
              .withCustomStaticFile(() -> new ByteArrayInputStream(before))
              .addFilter(new ApiDocument())
              .build();
      yaml = complete.toYAML();
      json = complete.toJSON();
    }
    return asJson ? json : yaml;
  }
}
