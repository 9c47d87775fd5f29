"""Which files are tests."""

import pytest

from nootropic_lsp.analysis.testing import has_tests, is_test, matters_at


@pytest.mark.parametrize(
    "path",
    [
        "tests/app.py",
        "t/unit/app.py",
        "src/shop/test/java/Cart.java",
        "src/__tests__/cart.js",
        "src/cart.spec.ts",
        "cart_test.go",
        "shop/test_cart.py",
        "shop/tests.py",
        "typing_tests/cart.py",
        "spec-dtslint/cart.ts",
    ],
)
def test_a_test(path):
    assert is_test(path)


@pytest.mark.parametrize(
    "path", ["src/t/cart.py", "ab_test/cart.py", "contest/cart.py", "latest/cart.js", "testing.py"]
)
def test_no_test(path):
    assert not is_test(path)


@pytest.mark.parametrize(
    "text",
    [
        "import pytest\n",
        "class CartTest:\n    def test_total(self): ...\n",
        "describe('cart', () => {})\n",
        "test('adds', () => {})\n",
        "func TestCart(t *testing.T) {}\n",
        "  @Test\n  void adds() {}\n",
    ],
)
def test_what_has_tests(text):
    assert has_tests(text)


@pytest.mark.parametrize(
    "text", ["def latest_version(): ...\n", "contest('x')\n", "app.get('/test', f)\n", ""]
)
def test_what_only_lies_among_tests(text):
    assert not has_tests(text)


@pytest.mark.parametrize(
    "path",
    [
        "examples/app.py",
        "docs/intro/app.py",
        "docs_src/app.py",
        "shop/flask-tutorial/app.py",
        "tests/keys.py",
    ],
)
def test_what_an_example_does_on_the_readers_own_machine_harms_nobody(path):
    assert not matters_at("debug-on", path)
    assert matters_at("sql-injection", path)
    assert matters_at("undefined-name", path)


@pytest.mark.parametrize("path", ["shop/app.py", "docs.py", "src/resample/app.py"])
def test_what_is_deployed(path):
    assert matters_at("debug-on", path)
