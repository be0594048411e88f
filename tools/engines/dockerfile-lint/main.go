// Checks Dockerfiles with the rules of BuildKit, the program that builds them: what `docker build --check` says, where
// no container engine is. Each finding is one line of JSON on standard output, each file that was checked another.
//
//	dockerfile-lint FILE…
//
// Exit codes: 0 nothing found, 1 findings, 2 a file that cannot be read or wrong arguments.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
)

type line struct {
	File string `json:"file"`
	// "warning", "error" or "checked".
	Kind string `json:"kind"`
	// Name of the rule, of a warning.
	Rule   string `json:"rule,omitempty"`
	Detail string `json:"detail,omitempty"`
	URL    string `json:"url,omitempty"`
	// Counts from 1; 0 when the finding is about the whole file.
	Line int32 `json:"line,omitempty"`
}

func main() {
	files := os.Args[1:]
	if len(files) == 0 {
		fmt.Fprintln(os.Stderr, "dockerfile-lint: name the files to check: dockerfile-lint FILE…")
		os.Exit(2)
	}
	found := false
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, file := range files {
		lines, err := check(file)
		if err != nil {
			fmt.Fprintf(os.Stderr, "dockerfile-lint: %v\n", err)
			os.Exit(2)
		}
		for _, each := range lines {
			found = found || each.Kind != "checked"
			if err := out.Encode(each); err != nil {
				fmt.Fprintf(os.Stderr, "dockerfile-lint: %v\n", err)
				os.Exit(2)
			}
		}
	}
	if found {
		os.Exit(1)
	}
}

func check(file string) ([]line, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	source := llb.NewSourceMap(nil, file, "Dockerfile", text)
	// As for a file that no build has brought along.
	source.Definition = &llb.Definition{}
	results, err := dockerfile2llb.DockerfileLint(context.Background(), text, dockerfile2llb.ConvertOpt{
		SourceMap:    source,
		MetaResolver: noRegistry{},
	})
	if err != nil {
		return nil, err
	}
	var lines []line
	for _, warning := range results.Warnings {
		lines = append(lines, line{
			File: file, Kind: "warning", Rule: warning.RuleName, Detail: warning.Detail, URL: warning.URL,
			Line: firstLine(warning.Location),
		})
	}
	if results.Error != nil {
		lines = append(lines, line{
			File: file, Kind: "error", Detail: results.Error.Message, Line: firstLine(&results.Error.Location),
		})
	}
	return append(lines, line{File: file, Kind: "checked"}), nil
}

// noRegistry answers for every image that nothing is known about it, so that none is asked for.
type noRegistry struct{}

func (noRegistry) ResolveImageConfig(
	_ context.Context, ref string, _ sourceresolver.Opt,
) (string, digest.Digest, []byte, error) {
	return ref, "", []byte("{}"), nil
}

func firstLine(location *pb.Location) int32 {
	for _, each := range location.GetRanges() {
		return each.GetStart().GetLine()
	}
	return 0
}
