"""Names of people who do not exist. The family names mean "example", "sample" or "test" in some language."""

from itertools import product

from westum.base.text import fold

FIRST_NAMES = """
Åsa Åke Ängla Örjan Östen Märta Björn Gunnel Håkan Kjell Linnéa Maj-Britt Pär Sören Ulrika Viveka Elif Zeynep Yusuf Amina
Hodan Abdi Noor Rami Leïla Samira Tarek Jelena Miloš Čedomir Željka Dženana Goran Katarína Jiří Łukasz Zofia Siobhán Seán
Tuuli Päivi Nguyet Thảo Mehmet Farzaneh Arash Selam Tesfay Ioana Petru Søren Ingrið Renée José Íñigo Beatriz Chloé Jörg
""".split()  # noqa: SIM905  (one a line would be ninety lines)
FAMILY_NAMES = """
Exempelsson Provgren Skissgren Testlund Mönsterås Påhittsson Övningsberg Utkastström Förslagsén Provåker Testström Skissö
Exempelöv Mallberg Primjerović Primerčić Vzorčnik Příkladný Wzórkowski Esempio Ejemplo Exemplo Beispielmann Voorbeeld
Esimerkki Näidis Örnek Namûne Tusaale Misali Pavyzdys Piemēra Pelda Shembull Dæmisson
""".split()  # noqa: SIM905  (one a line would be ninety lines)
# Numbers that are kept for fiction: 070-174 06 05 to 070-174 06 99.
PHONES = [f"070-174 06 {number:02}" for number in range(5, 100)]


class Strangers:
    """Draws people from the lists, nobody twice."""

    def __init__(self, rng, *, except_for=()):
        everybody = [pair for pair in product(FIRST_NAMES, FAMILY_NAMES) if " ".join(pair) not in except_for]
        rng.shuffle(everybody)
        self._rng, self._names = rng, iter(everybody)

    def next(self):
        """First name, family name, e-mail address and phone of somebody new."""
        first, last = next(self._names)
        return first, last, address_of(first, last), self._rng.choice(PHONES)


def address_of(*names):
    return f"{'.'.join(fold(name).replace(' ', '-') for name in names)}@example.org"
