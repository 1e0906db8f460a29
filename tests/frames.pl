# SPDX-License-Identifier: MIT
# frames.pl FRAMING MESSAGE...: print the messages in a framing.  In a message
# \xNN is a byte, and *N a message of N letters.
binmode STDOUT;
my $kind = shift;
my %size = (u16 => 'n', u16le => 'v', u32 => 'N', u32le => 'V');
for (@ARGV) {
	s/\\x(..)/chr hex $1/ge;
	$_ = 'y' x $1 if /^\*(\d+)$/;
	print $kind eq 'line' ? "$_\n" : $kind eq 'null' ? "$_\0" :
	    $kind eq 'netstring' ? length($_) . ":$_," :
	    $kind eq 'lsp' ? 'Content-Length: ' . length($_) . "\r\n\r\n$_" :
	    $kind eq 'raw' ? $_ : pack($size{$kind}, length) . $_;
}
