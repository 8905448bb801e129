"""Each rule of check_purity.py fires in pure modules alone, and not on what only looks alike."""

import unittest
from unittest import mock

import check_purity
from fixture import LintTest

FORBIDDEN = {
    "clock": (
        "std::chrono::steady_clock::now();",
        "using namespace std::chrono; system_clock::now();",
        "#include <ctime>",
        "clock_gettime(CLOCK_REALTIME, &t);",
        "std::time(nullptr);",
        "::time(nullptr);",
        "auto now = time(nullptr);",
        "time(&now);",
        "x = clock();",
        "auto built = __DATE__;",
        "x = __builtin_ia32_rdtsc();",
    ),
    "randomness": (
        "std::random_device device;",
        "#include <random>",
        "rand();",
        "std::rand();",
        "srand(1);",
        "std::mt19937_64 engine;",
        "getrandom(p, 1, 0);",
        "::random();",
        "x = random();",
    ),
    "platform-dependent-draw": (
        "std::shuffle(a, b, rng);",
        "std::ranges::shuffle(a, rng);",
        "std::random_shuffle(a, b);",
        "std::uniform_int_distribution<int> d;",
    ),
    "thread": (
        "std::thread t;",
        "std::jthread t;",
        "#include <mutex>",
        "std::shared_mutex m;",
        "std::lock_guard l{m};",
        "std::atomic<int> n;",
        "std::atomic_bool b;",
        "std::async(f);",
        "thread_local int x;",
        "std::condition_variable_any c;",
        "#include <atomic>",
        "std::promise<int> p;",
        "std::sort(std::execution::par, a, b);",
        "pthread_create(&t, p, f, p);",
    ),
    "file": (
        "#include <fstream>",
        "std::ifstream in;",
        "std::filesystem::path p;",
        "#include <filesystem>",
        'fopen("x", "r");',
        "::open(p, 0);",
        "std::rename(a, b);",
        "::read(f, p, n);",
    ),
    "socket": (
        "#include <sys/socket.h>",
        "#include <netdb.h>",
        "#include <arpa/inet.h>",
        "int s = ::socket(a, b, c);",
        "::connect(s, a, n);",
        "::send(s, p, n, 0);",
        "getaddrinfo(a, b, c, d);",
        "epoll_wait(a, b, c, d);",
    ),
    "stream": (
        "#include <iostream>",
        "std::cout << 1;",
        "std::cerr << 1;",
        "#include <sstream>",
        "std::ostringstream out;",
        "void f(std::ostream& out);",
        'std::printf("x");',
        'fputs("x", file);',
    ),
    "environment": (
        'getenv("HOME");',
        'std::getenv("HOME");',
        'setenv("A", "b", 1);',
        'std::system("ls");',
        "char** all = environ;",
    ),
    "process": (
        "std::exit(1);",
        "_exit(1);",
        "abort();",
        "std::atexit(f);",
        "pid = fork();",
        "std::signal(1, f);",
        "std::terminate();",
    ),
    "sleep": ("std::this_thread::yield();", "usleep(1);", "::sleep(1);"),
    "locale": (
        "#include <cctype>",
        "std::tolower(c);",
        "isdigit(c);",
        "#include <locale>",
        "std::regex r;",
        'std::snprintf(p, n, "x");',
    ),
    "lax-number-parsing": (
        "std::stoi(text);",
        "std::stoull(text);",
        "strtoul(p, &e, 10);",
        "atoi(p);",
    ),
    "floating-point": (
        "double x;",
        "float y = 1;",
        "auto z = 1.5;",
        "auto z = .5;",
        "auto z = 1e9;",
        "#include <cmath>",
        "auto z = 1'000.0;",
    ),
    "standard-hash": ("std::hash<int>{}(1);",),
    "unordered-container": ("std::unordered_map<int, int> m;", "std::unordered_multiset<int> s;"),
    "pointer-order": (
        "std::map<const Peer*, int> m;",
        "std::set<Peer *> s;",
        "std::less<Peer*> l;",
        "auto n = reinterpret_cast<std::uintptr_t>(p);",
        "std::set<std::unique_ptr<Peer>> s;",
        "std::map<Key, int, std::owner_less<>> m;",
    ),
    "mutable-static": (
        "static int count = 0;",
        "static std::map<int, Peer> cache;",
        "static Peer* last;",
        "static const Peer* last = nullptr;",
        "static std::array<int, 3> seen{};",
        "static bool seen[3];",
        "inline static int count = 0;",
        "static constinit int count = 0;",
    ),
    "shared-ownership": (
        "std::shared_ptr<Peer> p;",
        "auto p = std::make_shared<Peer>();",
        "std::weak_ptr<Peer> p;",
        "struct Peer : std::enable_shared_from_this<Peer> {};",
    ),
    "exception": ("throw Error{};", "try { f(); } g();", "} catch (const Error& e) {"),
    "switch-default": ("default: break;", "default : return 1;"),
}

# Only where a declaration stands that belongs to a namespace: at the beginning of a line.
GLOBALS = (
    "int count = 0;",
    "std::map<int, Peer> cache;",
    "Peer* last;",
    "Peer *last = nullptr;",
    "inline int count = 0;",
    "constinit int count = 0;",
    "std::array<int, 3> seen{};",
    "bool seen[kMax];",
    "int Peer::count = 0;",
    "auto running = Peer{1, 2};",
)
NO_GLOBALS = (
    "const int kMax = 3;",
    "constexpr int kMax = 3;",
    "inline constexpr std::size_t kMax{3};",
    "using Id = base::Strong<Tag, int>;",
    "struct Peer;",
    "enum class Kind : std::uint8_t { kOne = 1 };",
    "class Peer : public Base {",
    "int count(Peer peer);",
    "std::string name(int count = 3);",
    "bool operator==(const Peer& a, const Peer& b) = default;",
    "Peer::Peer() = default;",
    "template <class T>\nusing Expected = base::Expected<T, Error>;",
    "namespace sim = peerpay::sim;",
    "}  // namespace peerpay",
    "};",
    "static_assert(kMax == 3);",
    "extern template class Map<int>;",
    "__extension__ using Wide = unsigned __int128;",
)

ALLOWED = (
    "// std::thread, rand() and 1.5 in a comment",
    'const char* text = "std::thread rand() 1.5";',
    "auto x = runtime(1) + block.time() + now.clock() + operand(2) + my_rand(3) + stopwatch(4);",
    "ledger::time(x); network.open(y); view.system(z); log::random(w);",
    "engine.open(view); State::open(view); open(view); sleep(view);",
    "auto n = 1'000'000; auto h = 0xe5; auto v = version.1e;",
    "std::map<Id, std::unique_ptr<Peer>> m; std::map<Id, Peer*> by_id; std::set<Id> ids;",
    "base::Rng rng{1}; rng.below(3); std::from_chars(a, b, n); std::sort(a, b);",
    "void jump_clock(Duration by); struct Clock {}; Time time(); Clock& clock(); int random();",
    "std::string_view sentence; std::span<const int> s; double_spend(x); is_digit(c);",
    "static const Account kNone; static constexpr int kMax = 3; constexpr static int kMin = 1;",
    "static const Context* const kContext = make(); static Peer make(int a = 3); static_assert(kMax == 3);",
    "static auto& checked(Side& state) { return state; }",
    "Peer() = default; ~Peer() = default; bool operator==(const Peer&) const = default;",
    "network.connect(a); peers.send(b); node::accept(c); queue.read(d); Log::open(e); raise(block, 1);",
    "throws(x); try_verify(hash); catches(y); retry { }; exit_code(1); std::exchange(a, b);",
    "effects.send.push_back(x); abort_if(y); log.rename(z); snprintf_like(p);",
)


class CheckPurity(LintTest):
    check = check_purity.check

    def setUp(self):
        super().setUp()
        without = mock.patch.dict(check_purity.EXCEPTIONS, clear=True)
        without.start()
        self.addCleanup(without.stop)

    def test_every_rule_has_examples_here(self):
        self.assertEqual({rule.name for rule in check_purity.RULES}, FORBIDDEN.keys() | {"global"})

    def test_each_rule_fires_on_each_of_its_examples_and_alone(self):
        for rule, examples in FORBIDDEN.items():
            for example in examples:
                self.assertEqual(set(self.rules({"ledger/x.cpp": f"  {example}\n"})), {rule}, example)

    def test_findings_name_the_line_and_the_replacement(self):
        finding = self.findings({"ledger/x.cpp": "  int a;\n\n  std::thread t;\n"})[0]
        self.assertEqual((finding.path, finding.line), ("ledger/x.cpp", 3))
        self.assertIn("instead: one thread owns pure code", finding.message)

    def test_is_silent_on_what_only_looks_alike(self):
        for example in ALLOWED:
            self.assertEqual(self.findings({"node/core/x.cpp": f"  {example}\n"}), [], example)

    def test_what_belongs_to_a_namespace_is_constant(self):
        for example in GLOBALS:
            self.assertEqual(self.rules({"ledger/x.cpp": f"namespace x {{\n\n{example}\n"}), ["global"], example)
        for example in NO_GLOBALS:
            self.assertEqual(self.rules({"ledger/x.cpp": f"namespace x {{\n\n{example}\n"}), [], example)

    def test_the_simulator_may_share_messages_and_switch_on_draws(self):
        text = "  std::shared_ptr<const Bytes> message;\n  default: return 1;\n"
        self.assertEqual(self.rules({"tests/sim/x.cpp": text}), [])
        self.assertEqual(self.rules({"node/core/x.cpp": text}), ["shared-ownership", "switch-default"])

    def test_covers_every_pure_module_and_the_simulator(self):
        for folder in (
            "base",
            "crypto",
            "ledger",
            "consensus",
            "wallet",
            "node/core",
            "proto/client",
            "tests/sim",
        ):
            self.assertEqual(self.rules({f"{folder}/x.h": "  std::thread t;\n"}), ["thread"], folder)

    def test_leaves_the_shell_alone(self):
        for path in (
            "base/os/x.cpp",
            "wallet/cli/x.cpp",
            "node/app/x.cpp",
            "node/net/x.cpp",
            "bench/x.cpp",
            "tests/unit/ledger/x.cpp",
            "tests/sim/main.cpp",
        ):
            self.assertEqual(self.rules({path: "  std::thread t; double d;\n"}), [], path)

    def test_unordered_containers_are_forbidden_where_order_matters(self):
        text = "  std::unordered_map<int, int> m;\n"
        for folder in ("ledger", "consensus", "node/core", "tests/sim"):
            self.assertEqual(self.rules({f"{folder}/x.h": text}), ["unordered-container"], folder)
        self.assertEqual(self.rules({"wallet/x.h": text}), [])

    def test_an_exception_silences_one_rule_in_one_file(self):
        with mock.patch.dict(check_purity.EXCEPTIONS, {("crypto/x.cpp", "thread"): "why"}):
            self.assertEqual(
                self.rules({"crypto/x.cpp": "  std::thread t; double d;\n"}), ["floating-point"]
            )

    def test_an_exception_that_is_not_needed_is_a_finding(self):
        with mock.patch.dict(check_purity.EXCEPTIONS, {("crypto/x.cpp", "thread"): "why"}):
            self.assertEqual(self.rules({"crypto/x.cpp": "  int x;\n"}), ["stale-exception"])


if __name__ == "__main__":
    unittest.main()
