// The JVM's counterpart of node/app.js: same protocol, same parts where they make sense.
//
//     java App FD SEED "static-map:share=1,bytes=600" "lru:entries=900,bytes=9000,keys=4000"

import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

public class App {
    static final int ROWS = 90, IN_FLIGHT = 24;
    static final Map<Long, Object> KEPT = new HashMap<>();
    static final List<Object> WAITING = new ArrayList<>();
    static final ThreadLocal<List<Object>> CONTEXT = ThreadLocal.withInitial(ArrayList::new);
    static SplittableRandom random;

    /** A request's work of one part, and what it does as time passes. */
    interface Part {
        default void request(long id, long at) throws Exception {}
        default void tick(long at) {}
    }

    record Row(long id, String title, double lat, double lng) {}
    record Small(long id, int n) {}
    record Session(long at, Object data) {}
    record Answer(List<Row> rows, String body) {}
    record Timed(Part part, double share, double from, double until) {}

    /** What a class that is compiled at run time looks like: a template, a rule, a query. */
    public static class Script {
        static final int[] CONSTANTS = new int[16];
        public int run(int x) { return x + CONSTANTS.length; }
    }

    static class Loader extends ClassLoader {
        Loader() { super(App.class.getClassLoader()); }
        Class<?> define(byte[] code) { return defineClass("App$Script", code, 0, code.length); }
    }

    /** About `bytes` of small objects, as a request's context is. */
    static Object payload(long id, double bytes) {
        Object[] made = new Object[Math.max(1, (int) (bytes / 28))];
        for (int n = 0; n < made.length; n++) made[n] = new Small(id, n);
        return made;
    }

    static Part part(String kind, Map<String, Double> p) throws Exception {
        double bytes = p.getOrDefault("bytes", 0.0);
        switch (kind) {
            case "static-map":
                return new Part() { public void request(long id, long at) { KEPT.put(id, payload(id, bytes)); } };
            case "listener":
                return new Part() {
                    public void request(long id, long at) { Object held = payload(id, bytes); Runnable run = () -> held.hashCode(); WAITING.add(run); }
                };
            case "poller":
                return new Part() { public void tick(long at) { KEPT.put(-at, payload(0, bytes)); } };
            case "thread-local": {
                ExecutorService pool = Executors.newFixedThreadPool(8, run -> { Thread t = new Thread(run); t.setDaemon(true); return t; });
                return new Part() {
                    public void request(long id, long at) throws Exception { pool.submit(() -> CONTEXT.get().add(payload(id, bytes))).get(); }
                };
            }
            case "classloader": {
                byte[] code = App.class.getResourceAsStream("App$Script.class").readAllBytes();
                double most = p.getOrDefault("most", Double.MAX_VALUE);
                return new Part() {
                    public void request(long id, long at) throws Exception {
                        if (WAITING.size() < most) WAITING.add(new Loader().define(code).getDeclaredConstructor().newInstance());
                    }
                };
            }
            case "direct":
                return new Part() { public void request(long id, long at) { WAITING.add(ByteBuffer.allocateDirect((int) bytes)); } };
            case "live": {
                Object data = payload(0, p.get("mb") * 1e6);
                return new Part() { public void tick(long at) { data.hashCode(); } };
            }
            case "lru": {
                int entries = p.get("entries").intValue();
                Map<Long, Object> cache = new LinkedHashMap<>(16, 0.75f, true) {
                    protected boolean removeEldestEntry(Map.Entry<Long, Object> eldest) { return size() > entries; }
                };
                return new Part() {
                    public void request(long id, long at) {
                        long key = (long) (Math.pow(random.nextDouble(), p.getOrDefault("skew", 1.0)) * p.get("keys"));
                        if (cache.get(key) == null) cache.put(key, payload(id, bytes));
                    }
                };
            }
            case "sessions": {
                Map<Long, Session> open = new HashMap<>();
                return new Part() {
                    public void request(long id, long at) { open.put((long) (random.nextDouble() * p.get("users")), new Session(at, payload(id, bytes))); }
                    public void tick(long at) { open.values().removeIf(session -> at - session.at > p.get("minutes") * 60); }
                };
            }
            case "routes": {
                Map<Long, Object> loaded = new HashMap<>();
                return new Part() {
                    public void request(long id, long at) {
                        loaded.computeIfAbsent((long) (Math.pow(random.nextDouble(), 3) * p.get("count")), route -> payload(id, bytes));
                    }
                };
            }
            case "job": {
                List<Object> data = new ArrayList<>();
                return new Part() {
                    public void tick(long at) {
                        long local = at + 9 * 3600, minute = local % 86400 / 60 - (long) (p.get("hour") * 60);
                        boolean today = !p.containsKey("weekday") || (local / 86400 + 4) % 7 == p.get("weekday");
                        if (today && minute >= 0 && minute < p.get("minutes")) data.add(payload(0, p.get("mb") * 5e6 / p.get("minutes")));
                        else data.clear();
                    }
                };
            }
            default:
                throw new IllegalArgumentException(kind);
        }
    }

    static Timed parse(String text) throws Exception {
        String[] halves = text.split(":");
        Map<String, Double> p = new HashMap<>();
        for (String pair : halves[1].split(",")) p.put(pair.split("=")[0], Double.valueOf(pair.split("=")[1]));
        double until = p.getOrDefault("until", Double.MAX_VALUE);
        return new Timed(part(halves[0], p), p.getOrDefault("share", 1.0), p.getOrDefault("from", 0.0), until);
    }

    static Answer answer(long id) {
        List<Row> rows = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        for (int n = 0; n < ROWS; n++) {
            Row row = new Row(id * ROWS + n, "service " + (id * ROWS + n), 35 + n / 1e3, 139 + n / 1e3);
            rows.add(row);
            body.append(row);
        }
        return new Answer(rows, body.toString());
    }

    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(new FileOutputStream("/proc/self/fd/" + args[0]), true);
        random = new SplittableRandom(Long.parseLong(args[1]));
        List<Timed> doing = new ArrayList<>();
        for (int n = 2; n < args.length; n++) doing.add(parse(args[n]));
        Object[] inFlight = new Object[IN_FLIGHT];
        var runtime = ManagementFactory.getRuntimeMXBean();
        var memory = ManagementFactory.getMemoryMXBean();
        MemoryPoolMXBean metaspace = ManagementFactory.getMemoryPoolMXBeans().stream().filter(x -> x.getName().equals("Metaspace")).findFirst().get();
        BufferPoolMXBean direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream().filter(x -> x.getName().equals("direct")).findFirst().get();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        long id = 0;
        for (String line; (line = lines.readLine()) != null; ) {
            long at = Long.parseLong(line.split(" ")[0]), requests = Long.parseLong(line.split(" ")[1]), begun = runtime.getUptime();
            for (Timed t : doing) if (at >= t.from) t.part.tick(at);
            for (long n = 0; n < requests; n++, id++) {
                inFlight[random.nextInt(IN_FLIGHT)] = answer(id);
                for (Timed t : doing) if (at >= t.from && at < t.until && random.nextDouble() < t.share) t.part.request(id, at);
            }
            var heap = memory.getHeapMemoryUsage();
            var classes = metaspace.getUsage();
            answers.println("heap_used=" + heap.getUsed() + " heap_max=" + heap.getMax()
                + " metaspace_committed=" + classes.getCommitted() + " metaspace_max=" + classes.getMax()
                + " direct_used=" + direct.getMemoryUsed() + " begun=" + begun + " ended=" + runtime.getUptime());
        }
    }
}
