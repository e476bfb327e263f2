-- name: start_snapshot()
-- The first statement of a transaction: every later one counts the same rows.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: configure_planner()
-- 400,000 stays are sorted in memory. Compiling a statement takes longer than running it.
SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true);

-- name: count_states(period, provinsi, kabupaten_kota, npsn)
SELECT workflow, state, count(*)::int AS plans, min(state_since) AS since
FROM plan
WHERE period = :period
  AND (:provinsi::text IS NULL OR provinsi = :provinsi)
  AND (:kabupaten_kota::text IS NULL OR kabupaten_kota = :kabupaten_kota)
  AND (:npsn::text IS NULL OR npsn = :npsn)
GROUP BY workflow, state;

-- name: measure_stays(period, provinsi, kabupaten_kota, npsn)
-- The plans of a region are hashed once. A join would look up one plan after the other: seconds for a country.
SELECT
  left_state AS state, count(*)::int AS stays,
  percentile_disc(0.5) WITHIN GROUP (ORDER BY stay_seconds) AS median_seconds
FROM plan_event
WHERE period = :period AND left_state IS NOT NULL
  AND (
    (:provinsi::text IS NULL AND :kabupaten_kota::text IS NULL AND :npsn::text IS NULL)
    OR ptk_id IN (
      SELECT ptk_id FROM plan
      WHERE period = :period
        AND (:provinsi IS NULL OR provinsi = :provinsi)
        AND (:kabupaten_kota IS NULL OR kabupaten_kota = :kabupaten_kota)
        AND (:npsn IS NULL OR npsn = :npsn)
    )
  )
GROUP BY left_state;

-- name: count_areas(period, provinsi, kabupaten_kota, npsn, level, order_field, is_descending, workflows, states, after_rank, after, size)
-- One row for each workflow version and state of each region or school of the page. `workflows` and `states` are the
-- pairs that count as waiting. A rank is a number of plans or of microseconds;
-- a region or school where nothing waits comes last.
WITH plan_area AS (
  SELECT
    CASE :level::text
      WHEN 'school' THEN npsn
      WHEN 'provinsi' THEN coalesce(provinsi, '')
      ELSE coalesce(provinsi, '') || ' / ' || coalesce(kabupaten_kota, '')
    END AS key,
    provinsi, kabupaten_kota, npsn, workflow, state, state_since
  FROM plan
  WHERE period = :period
    AND (:provinsi::text IS NULL OR provinsi = :provinsi)
    AND (:kabupaten_kota::text IS NULL OR kabupaten_kota = :kabupaten_kota)
    AND (:npsn::text IS NULL OR npsn = :npsn)
),
state_count AS (
  SELECT
    key, workflow, state, count(*)::int AS plans, min(state_since) AS since,
    max(provinsi) AS provinsi, max(kabupaten_kota) AS kabupaten_kota, max(npsn) AS npsn
  FROM plan_area
  GROUP BY key, workflow, state
),
waiting_state AS (
  SELECT workflow, state, true AS is_waiting FROM unnest(:workflows::text[], :states::text[]) AS pair(workflow, state)
),
area_count AS (
  SELECT
    key, max(provinsi) AS provinsi,
    CASE WHEN :level <> 'provinsi' THEN max(kabupaten_kota) END AS kabupaten_kota,
    CASE WHEN :level = 'school' THEN max(npsn) END AS npsn,
    sum(plans)::int AS plans,
    coalesce(sum(plans) FILTER (WHERE is_waiting), 0)::int AS waiting,
    min(since) FILTER (WHERE is_waiting) AS waiting_since
  FROM state_count LEFT JOIN waiting_state USING (workflow, state)
  GROUP BY key
),
ranked_area AS (
  SELECT
    *,
    CASE :order_field::text
      WHEN 'waiting_plan_count' THEN direction * waiting
      WHEN 'waiting_since' THEN coalesce(direction * (extract(epoch FROM waiting_since) * 1000000)::bigint, 1::bigint << 62)
      ELSE 0
    END AS rank,
    lower(key) COLLATE "C" AS name,
    CASE WHEN :order_field = 'name' AND :is_descending THEN lower(key) COLLATE "C" END AS descending_name
  FROM area_count, (SELECT CASE WHEN :is_descending::boolean THEN -1::bigint ELSE 1 END AS direction) AS sign
),
page AS (
  SELECT
    ranked_area.*,
    (SELECT school FROM plan WHERE period = :period AND plan.npsn = ranked_area.npsn LIMIT 1) AS school
  FROM ranked_area
  WHERE :after_rank::bigint IS NULL
    OR CASE
      WHEN descending_name IS NULL THEN (rank, name, key) > (:after_rank, lower(:after::text), :after)
      ELSE descending_name < lower(:after) OR (descending_name = lower(:after) AND key > :after)
    END
  ORDER BY rank, descending_name DESC, name, key
  LIMIT :size
)
SELECT page.*, state_count.workflow, state_count.state, state_count.plans AS state_plans, state_count.since
FROM page JOIN state_count USING (key)
ORDER BY page.rank, page.descending_name DESC, page.name, page.key;

-- name: list_regions(period)
SELECT DISTINCT provinsi, kabupaten_kota FROM plan WHERE period = :period;

-- name: list_schools(period, npsns, regions, own_npsns, own_regions, has_waiting_plans, order_field, is_descending, workflows, states, after_rank, after, size)
-- The schools of the filter (`npsns`, `regions`) within the limits of the caller (`own_npsns`, `own_regions`; null
-- without limits). A page by NPSN reads the plans of its schools only: its rank is constant, so the planner takes the
-- index (period, npsn, state) from `after` on. That is why waiting plans are counted without a join.
WITH school_count AS (
  SELECT
    npsn, plans, waiting, waiting_since,
    CASE WHEN :order_field::text = 'npsn' THEN 0 WHEN :is_descending::boolean THEN -waiting ELSE waiting END AS rank
  FROM (
    SELECT
      npsn, count(*)::int AS plans, count(*) FILTER (WHERE is_waiting)::int AS waiting,
      min(state_since) FILTER (WHERE is_waiting) AS waiting_since
    FROM (
      SELECT
        npsn, state_since,
        (workflow, state) IN (SELECT * FROM unnest(:workflows::text[], :states::text[])) AS is_waiting
      FROM plan
      WHERE period = :period
        AND (:npsns::text[] IS NULL OR npsn = ANY(:npsns))
        AND (:regions::text[] IS NULL OR coalesce(provinsi, '') || ' / ' || coalesce(kabupaten_kota, '') = ANY(:regions))
        AND (
          :own_regions::text[] IS NULL OR npsn = ANY(:own_npsns::text[])
          OR coalesce(provinsi, '') || ' / ' || coalesce(kabupaten_kota, '') = ANY(:own_regions)
        )
        AND (:after::text IS NULL OR :order_field <> 'npsn' OR :is_descending OR npsn > :after)
        AND (:after IS NULL OR :order_field <> 'npsn' OR NOT :is_descending OR npsn < :after)
    ) AS plan_of_school
    GROUP BY npsn
  ) AS counts
  WHERE :has_waiting_plans::boolean IS NULL OR (waiting > 0) = :has_waiting_plans
)
SELECT
  school_count.*,
  (SELECT school FROM plan WHERE period = :period AND plan.npsn = school_count.npsn LIMIT 1) AS school
FROM school_count
WHERE :after IS NULL OR :order_field = 'npsn' OR (rank, npsn) > (:after_rank::bigint, :after)
ORDER BY rank, CASE WHEN :order_field = 'npsn' AND :is_descending THEN npsn END DESC, npsn
LIMIT :size;
