# SPDX-License-Identifier: MIT
# The report of tests/coverage, which says what it means.  It reads the list of
# lines that no test reaches (HACKING), then what gcov -b -c -t printed for each
# program:
#
#	awk -f coverage.awk HACKING GCOV...
#
# A source file may be in several programs: a line was run if any of them ran
# it, and so was a branch.

function trim(text) {
	gsub(/^[ \t]+|[ \t]+$/, "", text)
	return text
}

function percent(part, whole) {
	return sprintf("%.2f %%", whole == 0 ? 100 : 100 * part / whole)
}

function print_counts(name, ran, of, branches_ran, of_branches) {
	printf "%s: %s of %d lines, %s of %d branches\n", name,
	    percent(ran, of), of, percent(branches_ran, of_branches),
	    of_branches
}

# --- the list in HACKING ----------------------------------------------------

FNR == NR {
	# Two empty lines end a part of HACKING.
	blank = /^$/ ? blank + 1 : 0
	if (/^Lines that no test reaches$/)
		in_list = 1
	else if (blank == 2)
		in_list = 0
	if (in_list && /^    src\/[^ ]*, [a-z_0-9]+\(\)$/)
		place = $1 " " $2
	else if (in_list && /^\t/)
		listed[place " " trim($0)]++
	next
}

# --- what gcov printed ------------------------------------------------------

/^ *[0-9#=*-]+\*?: *[0-9]+:/ {
	count = $0
	sub(/:.*/, "", count)
	rest = substr($0, length(count) + 2)
	number = rest
	sub(/:.*/, "", number)
	text = substr(rest, length(number) + 2)
	gsub(/[ *]/, "", count)
	number += 0
	if (number == 0) {
		if (text ~ /^Source:/) {
			file = text
			sub(/^Source:(\.\/)?/, "", file)
			sub(/^.*\/src\//, "src/", file)
			name = ""
		}
		next
	}
	# A function's name begins its line.
	if (text ~ /^[a-z_0-9]+\(/) {
		name = text
		sub(/\(.*/, "", name)
	}
	key = file ":" number
	branches_here = 0
	if (file !~ /^src\// || count == "-")
		next
	if (!(key in texts)) {
		if (!(file in lines))
			files[++file_count] = file
		if (number > last[file])
			last[file] = number
		lines[file]++
		texts[key] = text
		where[key] = file ", " name "() " trim(text)
	}
	if (count !~ /^[#=]/)
		run[key] = 1
	next
}

# The compiler makes a branch of each assert(3), which nobody can take.
/^branch / && file ~ /^src\// && text !~ /assert\(/ {
	branch = key ":" branches_here++
	if (!(branch in branch_seen)) {
		branch_seen[branch] = 1
		branches[file]++
	}
	if (/ taken [1-9]/ && !(branch in taken)) {
		taken[branch] = 1
		branches_run[file]++
	}
}

# --- the report -------------------------------------------------------------

# A line that is listed twice is one that is there twice.
function print_unreached(file, number,    key) {
	key = file ":" number
	if (!(key in texts) || key in run)
		return
	if (listed[where[key]]-- > 0) {
		print "    " number ":" texts[key]
		listed_count++
	} else {
		print "    " number ":" texts[key] "\t<-- not listed"
		wrong++
	}
}

END {
	for (i = 1; i <= file_count; i++) {
		file = files[i]
		ran = 0
		for (number = 1; number <= last[file]; number++)
			ran += (file ":" number) in run
		print_counts(file, ran, lines[file], branches_run[file],
		    branches[file])
		for (number = 1; number <= last[file]; number++)
			print_unreached(file, number)
		all_ran += ran
		all += lines[file]
		all_branches_ran += branches_run[file]
		all_branches += branches[file]
	}
	for (line in listed)
		if (listed[line] > 0) {
			print "listed, but reached or not there: " line
			wrong++
		}
	if (all == 0) {
		print "no line was run"
		exit 2
	}
	print_counts("all", all_ran, all, all_branches_ran, all_branches)
	print listed_count + 0 " lines are listed in HACKING, " \
	    wrong + 0 " wrongly or not"
	exit wrong > 0
}
