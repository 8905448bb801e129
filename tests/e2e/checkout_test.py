"""A payer in front of the checkout page: Chromium with and without scripts, while the invoice is paid."""

import re
import unittest

from browser import Browser, qr_text, violations
from gateway_harness import Gateway, soon
from harness import Network, wait_until

# Of a payment URI: the QR code leaves it out.
MESSAGE = re.compile("&message=[^&]*")
COUNTING_EVENTS = """
    const Plain = EventSource;
    window.heard = 0;
    window.EventSource = class extends Plain {
      constructor(url) { super(url); this.addEventListener("status", () => { ++window.heard; }); }
    };
"""

ARRIVES_MS = 15_000
PAGE_BYTES_MAX = 60_000
SCHEMES = ("light", "dark")


class Checkout(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.network = cls.enterClassContext(Network(validators=1))
        cls.gateway = cls.enterClassContext(Gateway(cls.network))
        cls.faucet = cls.network.faucet()
        cls.alice = cls.network.wallet("alice")
        cls.shop = cls.network.wallet("shop")
        cls.faucet.send(cls.alice.address, "200.00", account="faucet")

    def setUp(self):
        self.browser = self.enterContext(Browser())

    def invoice(self, value="12.50", **members):
        return self.gateway.invoice(self.shop.address, value, description="Two coffees and a cake", **members)

    def open(self, invoice, **options):
        page = self.browser.page(**options)
        page.goto(f"{self.gateway.origin}/c/{invoice['id']}")
        return page

    def assert_clean(self, page):
        """Nothing that axe-core, the browser's console or the policy against third parties would mind."""
        self.assertEqual(violations(page), [])
        self.assertEqual(self.browser.errors, [])
        strangers = [url for url in self.browser.requested if not url.startswith((self.gateway.origin, "data:"))]
        self.assertEqual(strangers, [])

    def test_the_page_tells_at_once_that_it_was_paid(self):
        invoice = self.invoice()
        page = self.open(invoice)
        self.assertIn("12.50 USD", page.locator("h1").inner_text())
        page.locator("#countdown").wait_for(state="visible")
        self.assertLess(self.browser.bytes_received(), PAGE_BYTES_MAX)
        self.assert_clean(page)

        read = qr_text(page, self.network.directory / "qr.png")
        self.assertIn("message=Two%20coffees", invoice["payment_uri"])
        self.assertEqual(read, MESSAGE.sub("", invoice["payment_uri"]))
        self.alice.run("pay", read)
        page.get_by_text("The payment is final").wait_for(timeout=ARRIVES_MS)
        paid = self.gateway.await_status(invoice, "paid")
        self.assertIn(paid["payments"][0]["transaction"], page.locator("main").inner_text())
        self.assertTrue(page.title().startswith("Paid: 12.50 USD"))
        self.assertEqual(page.locator("#news").inner_text(), page.title())
        self.assert_clean(page)

    def test_it_works_without_scripts(self):
        invoice = self.invoice()
        page = self.open(invoice, javascript=False)
        self.assertEqual(page.get_by_role("link", name="Open in wallet").get_attribute("href"), invoice["payment_uri"])
        self.assertEqual(page.locator("#uri").inner_text(), invoice["payment_uri"])
        self.assertEqual(page.locator("button:visible").count(), 0)
        self.alice.run("pay", qr_text(page, self.network.directory / "qr-noscript.png"))
        page.get_by_text("The payment is final").wait_for(timeout=ARRIVES_MS)

    def test_it_comes_back_after_the_gateway_was_down(self):
        invoice = self.invoice()
        page = self.open(invoice)
        self.gateway.kill()
        self.alice.run("pay", invoice["payment_uri"])
        self.gateway.start()
        page.get_by_text("The payment is final").wait_for(timeout=60_000)

    def test_the_copied_link_is_the_payment_uri(self):
        invoice = self.invoice()
        page = self.open(invoice)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy payment link").click()
        page.get_by_role("button", name="Copied").wait_for()
        self.assertEqual(page.evaluate("navigator.clipboard.readText()"), invoice["payment_uri"])

    def test_a_part_is_shown_and_the_rest_is_asked_for(self):
        invoice = self.invoice()
        page = self.open(invoice)
        self.alice.run("send", self.shop.address, "5.00", "USD", "--ref", invoice["reference"])
        page.get_by_text("7.50 USD is still to be paid").wait_for(timeout=ARRIVES_MS)
        self.assert_clean(page)
        self.alice.run("pay", "--again", qr_text(page, self.network.directory / "qr-rest.png"))
        page.get_by_text("The payment is final").wait_for(timeout=ARRIVES_MS)
        self.assertEqual(self.gateway.await_status(invoice, "paid")["received"]["value"], "12.50")

    def test_what_comes_while_the_page_is_fetched_is_not_lost(self):
        invoice = self.invoice()
        page = self.browser.page()
        page.add_init_script(COUNTING_EVENTS)
        page.goto(f"{self.gateway.origin}/c/{invoice['id']}")
        wait_until(lambda: page.evaluate("heard") == 1, "the page hears of the invoice")
        held = []

        def hold_the_first(route):
            if held or not route.request.headers["accept"].startswith("text/html"):
                return route.continue_()
            held.append((route, route.fetch()))

        page.route("**/c/inv_*", hold_the_first)
        for value, heard in (("5.00", 2), ("2.50", 3)):
            self.alice.run("send", self.shop.address, value, "USD", "--ref", invoice["reference"])
            wait_until(lambda: page.evaluate("heard") == heard, "the page hears of the payment")
            wait_until(lambda: page.wait_for_timeout(50) or held, "the page is asked for")
        route, old = held[0]
        self.assertIn('data-received="5.00"', old.text())
        route.fulfill(response=old)
        page.get_by_text("5.00 USD is still to be paid").wait_for(timeout=ARRIVES_MS)

    def test_an_expired_invoice_says_so_and_helps_those_who_paid_too_late(self):
        invoice = self.invoice(expires_at=soon(seconds=3))
        page = self.open(invoice)
        page.get_by_text("Please don’t pay this any more").wait_for(timeout=30_000)
        self.assertIn("Expired", page.title())
        self.assertEqual(page.get_by_text("Open in wallet").count(), 0)
        self.assert_clean(page)

        self.alice.run("send", self.shop.address, "12.50", "USD", "--ref", invoice["reference"])
        wait_until(lambda: self.gateway.get(f"/v1/invoices/{invoice['id']}")["payments"], "the late payment is seen")
        page.reload()
        self.assertIn("12.50 USD has arrived", page.locator("main").inner_text())
        self.assert_clean(page)

    def test_a_void_invoice_says_so(self):
        invoice = self.invoice()
        page = self.open(invoice)
        self.gateway.post(f"/v1/invoices/{invoice['id']}/void", expect=200)
        page.get_by_text("This request was taken back").wait_for(timeout=ARRIVES_MS)
        self.assert_clean(page)

    def test_what_a_merchant_writes_stays_text(self):
        attack = "\"'><script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">"
        for scheme in SCHEMES:
            page = self.open(self.gateway.invoice(self.shop.address, "1.00", description=attack), scheme=scheme)
            self.assertEqual(page.locator(".description").inner_text(), attack)
            self.assertTrue(page.title().startswith("Waiting for payment"))
            self.assert_clean(page)

    def test_an_unknown_invoice_has_a_page_for_people(self):
        page = self.browser.page()
        answer = page.goto(f"{self.gateway.origin}/c/inv_00000000000000000000000000")
        self.assertEqual(answer.status, 404)
        self.assertEqual(page.locator("h1").count(), 1)
        self.assertEqual(violations(page), [])

    def test_the_documents_have_no_violation_either(self):
        for scheme in SCHEMES:
            page = self.browser.page(scheme=scheme)
            page.goto(f"{self.gateway.origin}/docs")
            self.assert_clean(page)


if __name__ == "__main__":
    unittest.main()
