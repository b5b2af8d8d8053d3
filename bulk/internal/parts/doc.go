// Package parts names, writes, lists and reads the results of shards.
//
// A part is one object whose name the shard determines:
//
//	parts/JOB/00000000/0000000012.jsonl       the whole shard 12
//	parts/JOB/00000000/0000000012-0.jsonl     its first half
//	parts/JOB/00000000/0000000012-10.jsonl    the first half of its second half
//
// A shard is halved if it ended workers. A part of more wins over parts of less: the shard's own
// over those of its halves.
package parts
