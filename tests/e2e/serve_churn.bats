# Random clients of two servers on one Redis; a short piece of what tests/node/serve_churn.mjs
# does for as long as one likes.
bats_require_minimum_version 1.5.0

: "${LTP_BIN:?is not set; it names the folder of the programs to test}"

@test "whatever clients and servers do, nobody sees a price go back, and all end with the last" {
  run timeout 90 node "$BATS_TEST_DIRNAME/../node/serve_churn.mjs" --runs 1 --seconds 4 --seed 7
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *' 0 failures' ]]
}
