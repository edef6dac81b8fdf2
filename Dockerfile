# Built and run on Java 25; the first stage needs Maven, the second only what it made.
FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /src
COPY . .
RUN mvn -q -B -DskipTests package

FROM eclipse-temurin:25-jre
RUN apt-get update \
 && apt-get install -y --no-install-recommends curl strace \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home-dir /var/lib/kledger --create-home kledger
# The launcher expects the layout of a checkout.
WORKDIR /opt/kledger
COPY --from=build /src/kledger /src/pom.xml ./
COPY --from=build /src/cli/target/kledger.jar cli/target/kledger.jar
COPY --from=build /src/cli/target/lib cli/target/lib
COPY --from=build /src/projections/target/quarkus-app projections/target/quarkus-app
ENV KLEDGER_JAVA=/opt/java/openjdk \
    KLEDGER_NO_BUILD=1
RUN ln -s /opt/kledger/kledger /usr/local/bin/kledger && kledger --version
USER kledger
WORKDIR /var/lib/kledger
VOLUME /var/lib/kledger
EXPOSE 8080
ENTRYPOINT ["kledger"]
CMD ["--help"]
