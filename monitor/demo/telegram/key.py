"""The RSA key of the Telegram double. A TEST KEY: it is public, it protects nothing, no real server has it."""

import rsa

_PEM = """\
-----BEGIN RSA PRIVATE KEY-----
MIIEqgIBAAKCAQEA73YgOVb7ak97ibaNPsBToqMKzEX2a02A46w0Uk+/U8PfOaTE
tHuwtFDKOK9bI/bhmWdVUW72pjaePMxlt1UJDSfhwC3AdcP7n0t+/CCcnkPM7jNP
oWYuzlnVdy5SFPF90tRNv94rVFzmrQEgETKnr6S0UFWUUaTGdUyqdyhjbQsuIpFh
wdVhiDh3Ol29ZullN01Zh0XtnmWs97lpRKL3BKzthb3A6HL+03ZDW3S6HIQ9TQkx
MFHnkf567OEaKe8eQEZjkrmBuKTR3cmAyyvbE3DZh5FxWJCZ5ROvIYfFUN+cuc5E
7C7jlu2beCXjuicVn8HkyPJ8O75Z8A1300hWbQIDAQABAoIBAF30aTxWRps1yHEG
MXE3oRklA62WndMIO9QY0wagx58kMUe6wHtYNMLrGA0ZsJbx3R6FjtI+yYP51ihg
wmAme0CwL0FqMiOC3A1qX86pNQpb6+JiO5JGN4M7eCglAou5HPdF2aO4liOpt9CV
qnFVALpH03/ZtDI8hkfCu/uz7kMVIvzv2r9fsQrCOfEHytFI3Denzsfps0Nq+tMi
52Dm4HOvFrvkGWzb0SIqBlylgrN1mH/8qBGsl50y2fQQ2WcWyfR6C3R5b8WFe10W
0TaQq6K5eXv/txqKiIHYiqjZWChIwV/ttOyiBSB30d6/FrHHU9az/SdqOs0GXicY
yr/Yc3kCgYkA+YpajpMIqPZ92/lNYCn//4hebrfVFv3OYeE4a/CusHCHH1YEKFc4
vaWAZ5tDMvQ9mNYWQSwN67NZ+tnHlpmcZJR1X3qjCYKoPfD0sn2nj6CLyyaF6A83
tPZfEodct/d556NH2KCTs+3A6AeIve45BU8vmE1F5MS4zK6Pog1ylbythuXKpbSP
TwJ5APWo+xl0Vn6FFmmn7d7hkvXcus1/UNbexGU0VzttRce624mchRHSygLEKfkD
oZkjtxisJC5H5chryDFQi7iiUb4oOFO1wttOnM9MbWvaqbOEVt7Oh/ZWGCWhq+oC
bKpMXQsiRsc4N6V8zUNcNNvRDEeH1scCLFSvgwKBiQDKKnu5PIfsk15eI7i7Kuu6
s1mGK6sYqGFWzSdv05tDWLcv/Pj7UcanZnkD9zbXBicNNozrGezhQvmoEF3xtduN
ZPU+eFWz88WoARnNrZ1d8DyxRjGAUyvXkS5vDXlhlb6OmqsvZtCjGgCKOuher6xE
j+XIZvo0H+hz8wxsxqZJh4WyX2LxIrpjAnhX3tPCbRyrMMuti0XInYNFsmiXLN0r
no89bBVvykxVfv8cIAJxN6bOioBA9A2Pi3jouFpQu6Lzp6n6CceQiW8Xx6cuOiuy
6lGozLuvAo4FCmdQVyvG71C/1S57C9b2q030t5P9mpw884EwgQDfR81OoMYwdRSK
TiUCgYkArno1Hy27rrkin07ft3+2lLEn22KlGv9vArcUVJ3m3yN8/n9XOAjEUhIv
oVf6SieGK9RUbO0kaUIyvW6+tcHaXA3CYisf+E3nUKzmhwfmx3Ao4gDL97q02ZSC
Kvr4oqGF9/BaBLthsob2PZpInuo/ym4k1EaCbQ/5sQofMHKV383Ok+GZ4rk2Lw==
-----END RSA PRIVATE KEY-----
"""
"""Kept here on purpose: the double must know it, and whoever runs the tests may."""

TEST_PRIVATE_KEY = rsa.PrivateKey.load_pkcs1(_PEM.encode())
TEST_PUBLIC_KEY = rsa.PublicKey(TEST_PRIVATE_KEY.n, TEST_PRIVATE_KEY.e)
TEST_PUBLIC_KEY_PEM: str = TEST_PUBLIC_KEY.save_pkcs1().decode()
"""PKCS#1, as `[telegram] server_public_key` takes it."""
