package io.ringgrid;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.net.Socket;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/**
 * The house rules of the core. Each is also shown a class that breaks it: a rule that nothing can break is no rule.
 */
@SuppressWarnings({"UnusedVariable", "UnusedMethod"})
final class CoreRulesTest {
    private static final String WHY = "the core is simulated: it is given ";

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.ringgrid");

    private static final List<ArchRule> THREADS = List.of(
            noClasses()
                    .should()
                    .callConstructor(Thread.class)
                    .orShould()
                    .callCodeUnitWhere(target(owner(name(Thread.class.getName())))
                            .and(target(nameMatching("<init>|start|sleep|startVirtualThread|ofVirtual"))))
                    .orShould()
                    .beAssignableTo(Thread.class)
                    .because(WHY + "calls, and makes no thread and never sleeps"),
            noClasses()
                    .should()
                    .dependOnClassesThat(nameMatching("java\\.util\\.concurrent\\.(.*Execut.*|ForkJoin.*|Delay.*)"
                            + "|java\\.util\\.Timer.*|java\\.util\\.concurrent\\.locks\\.LockSupport"))
                    .because(WHY + "calls, and has no thread to run anything later"));

    private static final List<ArchRule> CLOCKS = List.of(
            noClasses()
                    .should()
                    .callMethodWhere(target(owner(name(System.class.getName())))
                            .and(target(nameMatching("nanoTime|currentTimeMillis"))))
                    .because(WHY + "the time as an argument"),
            noClasses()
                    .should()
                    .dependOnClassesThat(name(Clock.class.getName()))
                    .because(WHY + "the time as an argument"),
            noClasses()
                    .should()
                    .callMethodWhere(
                            target(owner(nameMatching("java\\.time\\..*"))).and(target(name("now"))))
                    .because(WHY + "the time as an argument"));

    private static final List<ArchRule> SOCKETS = List.of(noClasses()
            .should()
            .dependOnClassesThat(resideInAnyPackage("java.net..", "java.nio.channels.."))
            .because(WHY + "messages, and returns what is to be sent as data"));

    private static final List<ArchRule> LOGS = List.of(
            noClasses()
                    .should()
                    .dependOnClassesThat(resideInAnyPackage(
                            "org.slf4j..", "java.util.logging..", "ch.qos.logback..", "org.jgroups.."))
                    .because("the core returns what is to be reported as data; the node logs it"),
            noClasses()
                    .should()
                    .accessField(System.class, "out")
                    .orShould()
                    .accessField(System.class, "err")
                    .orShould()
                    .callMethodWhere(target(name("printStackTrace")))
                    .because("the core returns what is to be reported as data; the node logs it"));

    private static final List<ArchRule> CHANCE = List.of(
            noClasses()
                    .should()
                    .callConstructor(Random.class)
                    .orShould()
                    .callConstructor(SplittableRandom.class)
                    .because(WHY + "seeds: a run must be the same when it is run again"),
            noClasses()
                    .should()
                    .dependOnClassesThat(
                            nameMatching("java\\.util\\.concurrent\\.ThreadLocalRandom|java\\.security\\.SecureRandom"))
                    .because(WHY + "seeds: a run must be the same when it is run again"),
            noClasses()
                    .should()
                    .callMethod(UUID.class, "randomUUID")
                    .orShould()
                    .callMethod(Math.class, "random")
                    .because(WHY + "identities: a run must be the same when it is run again"));

    private static void hold(List<ArchRule> rules, Class<?>... offenders) {
        rules.forEach(rule -> rule.check(CORE));
        for (Class<?> offender : offenders) {
            JavaClasses one = new ClassFileImporter().importClasses(offender);
            assertTrue(
                    rules.stream().anyMatch(rule -> rule.evaluate(one).hasViolation()),
                    () -> "no rule minds " + offender.getSimpleName());
        }
    }

    @Test
    void theCoreIsThere() {
        assertTrue(CORE.contain("io.ringgrid.store.Store"), "the rules are checked against nothing");
    }

    @Test
    void noThreads() {
        hold(THREADS, MakesThread.class, IsThread.class, Sleeps.class, Parks.class, HasExecutor.class);
    }

    @Test
    void noClocks() {
        hold(CLOCKS, AsksNanos.class, AsksMillis.class, AsksNow.class, HasClock.class);
    }

    @Test
    void noSockets() {
        hold(SOCKETS, HasSocket.class);
    }

    @Test
    void noLogs() {
        hold(LOGS, Prints.class, PrintsTrace.class, Logs.class);
    }

    @Test
    void noChance() {
        hold(CHANCE, Unseeded.class, UnseededSplittable.class, OfThread.class, RandomId.class, OfMath.class);
    }

    @Test
    void noPackageCycles() {
        slices().assignedFrom(new ByPackage())
                .should()
                .beFreeOfCycles()
                .because("a reader must be able to understand one package after the other")
                .check(CORE);
    }

    private static final class ByPackage implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
            return javaClass.getPackageName().startsWith("io.ringgrid")
                    ? SliceIdentifier.of(javaClass.getPackageName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }

    // Those that break a rule

    private static final class MakesThread {
        final Object held = new Thread(() -> {});
    }

    private static final class IsThread extends Thread {}

    private static final class Sleeps {
        void sleep() throws InterruptedException {
            Thread.sleep(1);
        }
    }

    private static final class Parks {
        void park() {
            LockSupport.parkNanos(1);
        }
    }

    private static final class HasExecutor {
        final ExecutorService held = Executors.newCachedThreadPool();
    }

    private static final class AsksNanos {
        final long held = System.nanoTime();
    }

    private static final class AsksMillis {
        final long held = System.currentTimeMillis();
    }

    private static final class AsksNow {
        final Instant held = Instant.now();
    }

    private static final class HasClock {
        final Clock held = Clock.systemUTC();
    }

    private static final class HasSocket {
        final Socket held = new Socket();
    }

    private static final class Prints {
        void print() {
            System.out.println();
        }
    }

    private static final class PrintsTrace {
        void print(Exception held) {
            held.printStackTrace();
        }
    }

    private static final class Logs {
        final Logger held = Logger.getLogger("");
    }

    private static final class Unseeded {
        final Random held = new Random();
    }

    private static final class UnseededSplittable {
        final SplittableRandom held = new SplittableRandom();
    }

    private static final class OfThread {
        final Random held = ThreadLocalRandom.current();
    }

    private static final class RandomId {
        final UUID held = UUID.randomUUID();
    }

    private static final class OfMath {
        final double held = Math.random();
    }
}
