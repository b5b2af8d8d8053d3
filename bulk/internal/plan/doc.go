// Package plan writes and reads the plan of a job: which objects there are, in shards, and by
// which rules they are judged. It lies beside the results:
//
//	plan.json                       the head, written last and once: a plan is whole or not there
//	plan/JOB/DRAFT/00000000.jsonl   segments: one shard a line; DRAFT is random, the head names it
//
// A plan never changes. Objects that come later are for another job; one that is gone when it
// is read gets a line that says so.
//
// Neither writing nor reading a plan holds more than a segment in memory.
package plan
