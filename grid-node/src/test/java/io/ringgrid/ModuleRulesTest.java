package io.ringgrid;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.ringgrid.node.engine.Health;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import org.jgroups.JChannel;
import org.junit.jupiter.api.Test;

/** The house rules of all modules together. Each is also shown a class that breaks it. */
@SuppressWarnings("UnusedMethod")
final class ModuleRulesTest {
    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.ringgrid");

    private static final ArchRule JGROUPS = noClasses()
            .that()
            .resideOutsideOfPackage("io.ringgrid.node.cluster..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.jgroups..")
            .because("JGroups views decide nothing: it finds members and hints, in one package");

    private static final ArchRule DOWNWARDS = noClasses()
            .that()
            .resideOutsideOfPackage("io.ringgrid.node..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.ringgrid.node..")
            .because("dependencies point down only: clients and the core must work without a node on the class path");

    private static final ArchRule NO_JAVA_SERIALIZATION = noClasses()
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ObjectInputStream.class)
            .because("values are opaque bytes on members; ObjectInputStream lets a sender choose what code runs");

    private static boolean minds(ArchRule rule, Class<?> offender) {
        return rule.evaluate(new ClassFileImporter().importClasses(offender)).hasViolation();
    }

    @Test
    void onlyTheClusterPackageKnowsJGroups() {
        JGROUPS.check(ALL);
        assertTrue(minds(JGROUPS, UsesJGroups.class));
    }

    @Test
    void clientsAndCoreDoNotKnowTheNode() {
        DOWNWARDS.check(ALL);
        assertTrue(ALL.contain("io.ringgrid.op.Operation"), "the core is not on the class path");
        assertTrue(minds(DOWNWARDS, UsesNode.class));
    }

    @Test
    void noJavaSerialization() {
        NO_JAVA_SERIALIZATION.check(ALL);
        assertTrue(minds(NO_JAVA_SERIALIZATION, Deserializes.class));
    }

    private static final class UsesJGroups {
        String version() {
            return JChannel.getVersion();
        }
    }

    private static final class UsesNode {
        int missing(Health health) {
            return health.missingCopies();
        }
    }

    private static final class Deserializes {
        Object read(InputStream in) throws IOException, ClassNotFoundException {
            try (ObjectInputStream objects = new ObjectInputStream(in)) {
                return objects.readObject();
            }
        }
    }
}
