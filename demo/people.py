"""The people of the scenarios. All are invented; data/ holds them in the format of Dapodik."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a belajar.id account to sign in with."""

    name: str
    email: str
    description: str


# SD Negeri Contoh 01, Kalimantan Tengah (WIB), under an appointed principal
HARTINI = Person(
    "Hartini Contoh", "hartini.contoh@admin.sd.belajar.id", "kepala sekolah of SD Negeri Contoh 01"
)
RATNA = Person("Ratna Contoh", "ratna.contoh@guru.sd.belajar.id", "guru kelas, PNS III/c")
BIMA = Person("Bima Contoh", "bima.contoh@guru.sd.belajar.id", "guru mapel, PPPK")
SEKAR = Person("Sekar Contoh", "sekar.contoh@guru.sd.belajar.id", "guru kelas, Guru Honor Sekolah")
TONO = Person("Tono Contoh", "tono.contoh@admin.sd.belajar.id", "tenaga administrasi and operator sekolah")

# TK Negeri Contoh 02, Kalimantan Selatan (WITA), under a Plt who teaches at the SMP next door
AMINAH = Person("Aminah Contoh", "aminah.contoh@guru.paud.belajar.id", "guru TK, PNS III/a")
SYAHRANI = Person(
    "Syahrani Contoh", "syahrani.contoh@guru.smp.belajar.id", "guru mapel at the SMP, Plt of the TK"
)

# SMP Negeri Contoh 03, Kalimantan Selatan (WITA), under an appointed principal
NORHAYATI = Person("Norhayati Contoh", "norhayati.contoh@admin.smp.belajar.id", "kepala sekolah of the SMP")
RIZAL = Person("Rizal Contoh", "rizal.contoh@guru.smp.belajar.id", "guru mapel, PNS III/c, with a phone")
DEWI = Person("Dewi Contoh", "dewi.contoh@guru.smp.belajar.id", "guru mapel, with the account of the SMP")
DEWI_AT_SD = Person("Dewi Contoh", "dewi.contoh@guru.sd.belajar.id", "guru mapel, with the account of the SD")

# SMA Negeri Contoh 04, Maluku (WIT), where nobody is head
YOSEFINA = Person("Yosefina Contoh", "yosefina.contoh@guru.sma.belajar.id", "guru mapel, PNS III/d")

# SMP Negeri Contoh 05, Maluku (WIT), under an appointed principal, who becomes Plt of the SMA as well
WELMINA = Person("Welmina Contoh", "welmina.contoh@admin.smp.belajar.id", "kepala sekolah of SMP Contoh 05")
ANCE = Person("Ance Contoh", "ance.contoh@guru.smp.belajar.id", "guru mapel, PNS III/b")
ELISABET = Person("Elisabet Contoh", "elisabet.contoh@guru.smp.belajar.id", "guru mapel, PNS III/c")
FRANS = Person("Frans Contoh", "frans.contoh@guru.smp.belajar.id", "guru mapel, PNS III/c")
PETRUS = Person("Petrus Contoh", "petrus.contoh@guru.smp.belajar.id", "guru mapel, PNS III/b")

# of no school
LARAS = Person("Laras Contoh", "laras.contoh@dinas.belajar.id", "admin of the platform, at the helpdesk")
TEGUH = Person("Teguh Contoh", "teguh.contoh@dinas.belajar.id", "the second admin")

# who may sign in to the explorer by one click: a teacher, two heads, a Plt and an admin
EXPLORER_ACCOUNTS = [person.email for person in (RATNA, HARTINI, NORHAYATI, SYAHRANI, LARAS)]
