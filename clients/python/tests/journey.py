"""A teacher's journey by the generated client: `python journey.py URL TEACHER_TOKEN HEAD_TOKEN`."""

import asyncio
import sys

import rencana_client.web as web

BEHAVIOURS = [
    web.PilihanInput(aspek=code, opsi=f"{code}-1") for code in ("BP", "AK", "KO", "HA", "LO", "AD", "KL")
]


def accept(result):  # type: ignore[no-untyped-def]
    """Return the plan of a mutation's result. Raises ValueError if it was refused."""
    if problems := getattr(result, "problems", ()):
        raise ValueError([problem.message for problem in problems])
    return result.plan


async def make_journey(teacher: web.WebClient, head: web.WebClient) -> str:
    """Make the journey. Returns the phase of the plan at its end."""
    viewer = (await teacher.viewer()).viewer
    assert viewer and viewer.nama
    plan = accept((await teacher.start_plan(web.StartPlanInput())).start_plan)

    def on_plan() -> dict[str, object]:
        return {"plan_id": plan.id, "expected_version": plan.version}

    plan = accept((await teacher.confirm_profile(web.ConfirmProfileInput(**on_plan()))).confirm_profile)
    early = (await teacher.submit_plan(web.SubmitPlanInput(**on_plan()))).submit_plan
    assert early.typename__ == "PlanRejection" and early.problems[0].code == "praktik_kinerja.missing"
    indikator = web.SavePraktikKinerjaInput(**on_plan(), then=web.Then.NEXT, indikator="PK-UBK")
    plan = accept((await teacher.save_praktik_kinerja(indikator)).save_praktik_kinerja)
    rhk = web.SavePengembanganKompetensiInput(**on_plan(), then=web.Then.NEXT, rhk=["RHK-03"])
    plan = accept((await teacher.save_pengembangan_kompetensi(rhk)).save_pengembangan_kompetensi)
    tugas = web.SaveTugasTambahanInput(**on_plan(), then=web.Then.NEXT, tugas=[])
    plan = accept((await teacher.save_tugas_tambahan(tugas)).save_tugas_tambahan)
    pilihan = web.SavePerilakuKerjaInput(**on_plan(), then=web.Then.NEXT, pilihan=BEHAVIOURS)
    plan = accept((await teacher.save_perilaku_kerja(pilihan)).save_perilaku_kerja)
    plan = accept((await teacher.submit_plan(web.SubmitPlanInput(**on_plan()))).submit_plan)

    assert (await head.review_plan(plan.id)).plan.version == plan.version
    plan = accept((await head.approve_plan(web.ApprovePlanInput(**on_plan()))).approve_plan)
    assert (await teacher.plan(plan.id)).plan.version == plan.version
    plan = accept(
        (await teacher.begin_implementation(web.BeginImplementationInput(**on_plan()))).begin_implementation
    )
    return plan.state.phase.value


async def main() -> None:
    """Sign both people in and print the phase."""
    url, *tokens = sys.argv[1:]
    teacher, head = (web.WebClient(url=url, headers={"authorization": f"Bearer {token}"}) for token in tokens)
    async with teacher, head:
        print(await make_journey(teacher, head))


if __name__ == "__main__":
    asyncio.run(main())
