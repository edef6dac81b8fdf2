package io.kledger.cli;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.WeakHashMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What may know what, and what keeps the fold deterministic. */
class ArchitectureTest {

  private static final String[] EVENTS = {
    "io.kledger.event..",
    "io.kledger.abi..",
    "io.kledger.log..",
    "io.kledger.ingest..",
    "io.kledger.seal.."
  };
  private static final String[] ENGINE = {
    "io.kledger.engine..",
    "io.kledger.kernel..",
    "io.kledger.store..",
    "io.kledger.replay..",
    "io.kledger.view..",
    "io.kledger.scenario..",
    "io.kledger.check..",
    "io.kledger.filter.."
  };

  /** What runs inside a fold. */
  private static final String[] FOLD = {"io.kledger.engine..", "io.kledger.kernel.."};

  private static JavaClasses kledger;

  @BeforeAll
  static void readTheClasses() {
    kledger =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.kledger");
  }

  @Test
  void layersKnowOnlyWhatIsBelowThem() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .withOptionalLayers(true)
        .layer("events")
        .definedBy(EVENTS)
        .layer("engine")
        .definedBy(ENGINE)
        .layer("projections")
        .definedBy("io.kledger.projection..")
        .layer("cli")
        .definedBy("io.kledger.cli..")
        .whereLayer("events")
        .mayOnlyBeAccessedByLayers("engine", "projections", "cli")
        .whereLayer("engine")
        .mayOnlyBeAccessedByLayers("projections", "cli")
        .whereLayer("projections")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .check(kledger);
  }

  @Test
  void everyClassHasALayer() {
    check(
        classes()
            .should()
            .resideInAnyPackage(EVENTS)
            .orShould()
            .resideInAnyPackage(ENGINE)
            .orShould()
            .resideInAnyPackage("io.kledger.projection..", "io.kledger.cli.."));
  }

  @Test
  void onlyTheServiceKnowsQuarkus() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.kledger.projection..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "jakarta..", "org.eclipse.microprofile.."));
  }

  @Test
  void theEngineKnowsNoKafka() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(ENGINE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka.."));
  }

  @Test
  void onlyTheStoreKnowsRocksDb() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.kledger.store.rocks..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.rocksdb.."));
  }

  @Test
  void packagesOfTheKernelFormNoCycles() {
    slices()
        .matching("io.kledger.kernel.(*)..")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(kledger);
  }

  @Test
  void noClockInTheFold() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(FOLD)
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .orShould()
            .callMethodWhere(
                target(name("now")).and(target(owner(resideInAnyPackage("java.time.."))))));
  }

  @Test
  void noRandomnessInTheFold() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(FOLD)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(java.util.random.RandomGenerator.class)
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .callMethod(System.class, "identityHashCode", Object.class));
  }

  @Test
  void noThreadsInTheFold() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(FOLD)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ThreadLocal.class)
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent..")
            .orShould()
            .callMethodWhere(target(name("parallelStream")).or(target(name("parallel")))));
  }

  @Test
  void noHashOrderInTheFold() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(FOLD)
            .should()
            .dependOnClassesThat(HASH_ORDERED)
            .orShould()
            .callMethodWhere(
                target(owner(assignableTo(Map.class).or(assignableTo(Set.class))))
                    .and(
                        target(name("of"))
                            .or(target(name("ofEntries")))
                            .or(target(name("copyOf")))))
            .orShould()
            .callMethodWhere(
                target(owner(assignableTo(java.util.stream.Collectors.class)))
                    .and(
                        target(name("toSet"))
                            .or(target(name("toUnmodifiableSet")))
                            .or(target(name("toUnmodifiableMap"))))));
  }

  @Test
  void noInputOrOutputInTheFold() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(FOLD)
            .should()
            .dependOnClassesThat(DOES_INPUT_OR_OUTPUT)
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethod(System.class, "getenv", String.class)
            .orShould()
            .callMethod(System.class, "getProperty", String.class));
  }

  /**
   * LinkedHashMap and LinkedHashSet extend the forbidden ones, and are in the order of insertion.
   */
  private static final DescribedPredicate<JavaClass> HASH_ORDERED =
      DescribedPredicate.describe(
          "have an order that depends on hashes",
          type ->
              List.of(
                          HashMap.class,
                          HashSet.class,
                          IdentityHashMap.class,
                          WeakHashMap.class,
                          Hashtable.class)
                      .stream()
                      .anyMatch(forbidden -> type.isAssignableTo(forbidden))
                  && !type.isAssignableTo(LinkedHashMap.class)
                  && !type.isAssignableTo(LinkedHashSet.class));

  /** In-memory streams, such as codecs use, and their exceptions are no input or output. */
  private static final DescribedPredicate<JavaClass> DOES_INPUT_OR_OUTPUT =
      DescribedPredicate.describe(
          "do input or output",
          type ->
              (type.getPackageName().equals("java.io")
                      && !List.of(
                              "Serializable",
                              "IOException",
                              "UncheckedIOException",
                              "ObjectStreamException",
                              "Externalizable",
                              "ByteArrayOutputStream",
                              "ByteArrayInputStream",
                              "OutputStream",
                              "InputStream")
                          .contains(type.getSimpleName()))
                  || type.getPackageName().startsWith("java.nio.file")
                  || type.getPackageName().startsWith("java.nio.channels")
                  || type.getPackageName().startsWith("java.net"));

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(kledger);
  }
}
