package parts

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Node is a part of a shard: "" is all of it, "0" and "1" are its halves, "00" and "01" the
// halves of the first, and so on.
type Node string

// maxDepth is how often a shard of plan.MaxKeys objects can be halved, and some.
const maxDepth = 20

// ParseNode reads a node.
func ParseNode(s string) (Node, error) {
	if len(s) > maxDepth || strings.Trim(s, "01") != "" {
		return "", fmt.Errorf("%q is no part of a shard", s)
	}
	return Node(s), nil
}

// Range returns which of n objects a node has. ok is false if there is no such node.
func (n Node) Range(objects int) (from, to int, ok bool) {
	from, to = 0, objects
	for _, c := range n {
		if to-from < 2 {
			return 0, 0, false
		}
		middle := from + (to-from+1)/2
		if c == '0' {
			to = middle
		} else {
			from = middle
		}
	}
	return from, to, from < to
}

// Halves returns the two halves of a node of more than one object.
func (n Node) Halves() [2]Node { return [2]Node{n + "0", n + "1"} }

// Cover returns the nodes of there that cover a shard of n objects, in its order, and the nodes
// that are missing. A node wins over what it contains.
func Cover(there []Node, objects int) (have, missing []Node) {
	return cover("", there, objects)
}

func cover(at Node, there []Node, objects int) (have, missing []Node) {
	from, to, ok := at.Range(objects)
	if !ok {
		return nil, nil
	}
	if slices.Contains(there, at) {
		return []Node{at}, nil
	}
	inside := slices.ContainsFunc(there, func(n Node) bool { return strings.HasPrefix(string(n), string(at)) })
	if !inside || to-from < 2 {
		return nil, []Node{at}
	}
	for _, half := range at.Halves() {
		h, m := cover(half, there, objects)
		have, missing = append(have, h...), append(missing, m...)
	}
	return have, missing
}

const folderShards = 4096 // a listing of a folder is sorted up to 65536 names

// Prefix is what the names of all parts of a job begin with.
func Prefix(job string) string { return "parts/" + job + "/" }

// Key returns the name of a part.
func Key(job string, shard int64, n Node) string {
	dash := ""
	if n != "" {
		dash = "-"
	}
	return fmt.Sprintf("%s%08d/%010d%s%s.jsonl", Prefix(job), shard/folderShards, shard, dash, n)
}

// ParseKey reads the name of a part of a job. Only names that [Key] makes are names of parts.
func ParseKey(job, key string) (shard int64, n Node, ok bool) {
	name, ok := strings.CutPrefix(key, Prefix(job))
	if !ok {
		return 0, "", false
	}
	_, name, _ = strings.Cut(name, "/")
	name, ok = strings.CutSuffix(name, ".jsonl")
	if !ok {
		return 0, "", false
	}
	number, half, _ := strings.Cut(name, "-")
	shard, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, "", false
	}
	n, err = ParseNode(half)
	return shard, n, err == nil && Key(job, shard, n) == key
}
