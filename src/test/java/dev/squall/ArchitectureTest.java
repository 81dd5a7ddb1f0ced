package dev.squall;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The rules of DESIGN section 2: cli -> run -> the rest, no cycles, a core that knows only the JDK. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.squall");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.squall.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyTheCommandLineTheDoctorAndTheLiveViewKnowTheHarnessAndNobodyKnowsTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.squall.cli..", "dev.squall.doctor..", "dev.squall.live..", "dev.squall.run..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.squall.run..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.squall.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.squall.cli..")
                .check(CLASSES);
    }

    @Test
    void protocolAndPoliciesKnowOnlyTheJdk() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.squall.protocol..", "dev.squall.reconnect..", "dev.squall.quantity..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "java..",
                        "org.jspecify..",
                        "dev.squall.protocol..",
                        "dev.squall.reconnect..",
                        "dev.squall.quantity..")
                .check(CLASSES);
    }

    @Test
    void theCoreKnowsNoServerAndNoLoadLibrary() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "io.gatling..", "io.netty..")
                .check(CLASSES);
    }

    @Test
    void onlyTheCommandLinePrintsAndExits() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.squall.cli..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(CLASSES);
    }

    @Test
    void clocksAndRandomSourcesAreParametersOutsideTheCompositionRoots() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.squall.cli..", "dev.squall.run..", "dev.squall.role..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.util.random.RandomGenerator.class)
                .check(CLASSES);
    }

    @Test
    void nobodySleeps() {
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CLASSES);
    }

    @Test
    void noPackageIsADrawer() {
        noClasses()
                .should()
                .resideInAnyPackage("..util..", "..common..", "..helper..", "..impl..")
                .allowEmptyShould(true)
                .check(CLASSES);
    }
}
