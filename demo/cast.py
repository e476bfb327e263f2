"""Who plays. All of them are invented; data/ says the same of them in Dapodik's words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Somebody:
    """A name, a belajar.id address to sign in with, and who that is."""

    name: str
    email: str
    who: str


# SD Negeri Contoh 01, Kalimantan Tengah (WIB), under an appointed principal
HARTINI = Somebody(
    "Hartini Contoh", "hartini.contoh@admin.sd.belajar.id", "kepala sekolah of SD Negeri Contoh 01"
)
RATNA = Somebody("Ratna Contoh", "ratna.contoh@guru.sd.belajar.id", "guru kelas, PNS III/c")
BIMA = Somebody("Bima Contoh", "bima.contoh@guru.sd.belajar.id", "guru mapel, PPPK")
SEKAR = Somebody("Sekar Contoh", "sekar.contoh@guru.sd.belajar.id", "guru kelas, Guru Honor Sekolah")
TONO = Somebody("Tono Contoh", "tono.contoh@admin.sd.belajar.id", "tenaga administrasi and operator sekolah")

# TK Negeri Contoh 02, Kalimantan Selatan (WITA), under a Plt who teaches at the SMP next door
AMINAH = Somebody("Aminah Contoh", "aminah.contoh@guru.paud.belajar.id", "guru TK, PNS III/a")
SYAHRANI = Somebody(
    "Syahrani Contoh", "syahrani.contoh@guru.smp.belajar.id", "guru mapel at the SMP, Plt of the TK"
)

# SMP Negeri Contoh 03, Kalimantan Selatan (WITA), under an appointed principal
NORHAYATI = Somebody("Norhayati Contoh", "norhayati.contoh@admin.smp.belajar.id", "kepala sekolah of the SMP")
RIZAL = Somebody("Rizal Contoh", "rizal.contoh@guru.smp.belajar.id", "guru mapel, PNS III/c, with a phone")
DEWI = Somebody("Dewi Contoh", "dewi.contoh@guru.smp.belajar.id", "guru mapel, with the account of the SMP")
DEWI_AT_SD = Somebody(
    "Dewi Contoh", "dewi.contoh@guru.sd.belajar.id", "guru mapel, with the account of the SD"
)

# SMA Negeri Contoh 04, Maluku (WIT), where nobody is head
YOSEFINA = Somebody("Yosefina Contoh", "yosefina.contoh@guru.sma.belajar.id", "guru mapel, PNS III/d")

# SMP Negeri Contoh 05, Maluku (WIT), under an appointed principal, who becomes Plt of the SMA as well
WELMINA = Somebody("Welmina Contoh", "welmina.contoh@admin.smp.belajar.id", "kepala sekolah of SMP Contoh 05")
ANCE = Somebody("Ance Contoh", "ance.contoh@guru.smp.belajar.id", "guru mapel, PNS III/b")
ELISABET = Somebody("Elisabet Contoh", "elisabet.contoh@guru.smp.belajar.id", "guru mapel, PNS III/c")
FRANS = Somebody("Frans Contoh", "frans.contoh@guru.smp.belajar.id", "guru mapel, PNS III/c")
PETRUS = Somebody("Petrus Contoh", "petrus.contoh@guru.smp.belajar.id", "guru mapel, PNS III/b")

# of no school
LARAS = Somebody("Laras Contoh", "laras.contoh@dinas.belajar.id", "admin of the platform, at the helpdesk")
TEGUH = Somebody("Teguh Contoh", "teguh.contoh@dinas.belajar.id", "the second admin")
