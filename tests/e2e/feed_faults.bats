bats_require_minimum_version 1.5.0
load ../support/programs

# Short pieces of tests/campaign; the seed is another one each day, and is told.

# The limit is above what four runs of a lane may take with good reason.
@test "whatever goes wrong on the way, the feed is live in the end or says why not" {
  run timeout 400 node "$BATS_TEST_DIRNAME/../campaign/feed_faults.mjs" --runs 8 --lanes 2 --seed "$(date +%Y%m%d)"
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "a stream that is cut anywhere leaves whole lines behind" {
  run timeout 200 node "$BATS_TEST_DIRNAME/../campaign/feed_cuts.mjs" --from 7 --step 61
  echo "$output"
  [ "$status" -eq 0 ]
}
