"""Which domains are in one hand (RFC 7489 3.2): subdomains of one owner are, names under one public suffix never."""

import pytest

from adapters.mail.alignment import aligned, named_domain, organisation


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        pytest.param("example.org", "example.org", True, id="a domain and itself"),
        pytest.param("mail.example.org", "example.org", True, id="a domain and what is below it"),
        pytest.param("a.example.co.uk", "b.example.co.uk", True, id="two below one owner"),
        pytest.param("one.co.uk", "two.co.uk", False, id="two below one public suffix"),
        pytest.param("one.github.io", "two.github.io", False, id="two customers of one host"),
        pytest.param("co.uk", "two.co.uk", False, id="a public suffix and what is below it"),
        pytest.param("one.zzzz", "two.zzzz", False, id="two below a top level that nobody knows"),
        pytest.param("a.one.zzzz", "b.one.zzzz", True, id="two below one owner there"),
        pytest.param("badexample.org", "example.org", False, id="a name that ends alike"),
        pytest.param("", "example.org", False, id="nothing"),
        pytest.param("localhost", "localhost", True, id="a name without a dot and itself"),
    ],
)
def test_alignment(one, other, together):
    """Either way round, two domains are aligned or not."""
    assert aligned(one, other) is aligned(other, one) is together


@pytest.mark.parametrize("domain", ["co.uk", "uk", "zzzz", "org", ""])
def test_a_suffix_is_nobodys(domain):
    """A public suffix is its own owner, so that nobody below it is of it."""
    assert organisation(domain) == domain


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        pytest.param("example.org", "example.org", id="a domain"),
        pytest.param("@Example.ORG", "example.org", id="with an at sign"),
        pytest.param("r@b\u00fccher.example", "xn--bcher-kva.example", id="of an address, as punycode"),
        pytest.param("none", "", id="a word"),
        pytest.param("x" * 100_000 + ".org", "", id="far too long"),
        pytest.param("exam ple.org", "", id="with a blank"),
    ],
)
def test_named_domain(text, domain):
    """The domain that a result or a signature names has one normal form."""
    assert named_domain(text) == domain
