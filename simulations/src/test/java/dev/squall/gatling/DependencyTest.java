package dev.squall.gatling;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class DependencyTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.squall.client", "dev.squall.gatling", "dev.squall.injector");

    @Test
    void gatlingsInternalsStayInTheirPackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.squall.gatling")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.gatling.app..",
                        "io.gatling.commons..",
                        "io.gatling.core..",
                        "io.gatling.netty..",
                        "scala..")
                .check(CLASSES);
    }

    @Test
    void clientsKnowNeitherGatlingNorTheirInjector() {
        noClasses()
                .that()
                .resideInAPackage("dev.squall.client")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.gatling..", "dev.squall.gatling", "dev.squall.injector")
                .check(CLASSES);
    }

    @Test
    void gatlingPackageKnowsNoInjector() {
        noClasses()
                .that()
                .resideInAPackage("dev.squall.gatling")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.squall.injector")
                .check(CLASSES);
    }
}
