package dev.squall.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the home folder says that roles are started. */
class HomeTest {

    @Test
    void aRoleMayHaveVariablesOfItsOwn(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("roles.properties"), """
                with.main=Main
                with.environment=A=1 B=two
                without.main=Main
                """);

        Home home = Home.of(folder);

        assertThat(home.command("with"))
                .startsWith("/usr/bin/env", "A=1", "B=two", Home.java().toString())
                .endsWith("Main");
        assertThat(home.command("without")).startsWith(Home.java().toString());
    }
}
