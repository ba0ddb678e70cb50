using System.Security.Cryptography;
using Kdump.Formats.Bytes;

namespace Kdump.Tests.Formats;

/// <summary>Our own hashes against those of .NET, which need OpenSSL.</summary>
public sealed class HashTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(55)]
    [InlineData(56)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(119)]
    [InlineData(100_003)]
    public void Sha256_and_hmac_sha1_are_those_of_openssl(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        Assert.Equal(SHA256.HashData(bytes), Sha256.Of(bytes));
        ReadOnlySpan<byte> key = bytes.AsSpan(0, Math.Min(length, 20));
#pragma warning disable CA5350 // OpenSSL's HMAC-SHA1 is the oracle; WinZip's encryption has it, not we.
        Assert.Equal(HMACSHA1.HashData(key, bytes), HmacSha1.Of(key, bytes));
#pragma warning restore CA5350
        var pieces = new Sha256();
        for (int at = 0; at < length; at += 61)
            pieces.Add(bytes.AsSpan(at, Math.Min(61, length - at)));
        Assert.Equal(SHA256.HashData(bytes), pieces.End());
    }

    /// <summary>The absence of OpenSSL ends a native program that asks .NET for a hash.</summary>
    [Fact]
    public void No_source_asks_dotnet_for_cryptography() =>
        Assert.DoesNotContain(Directory.EnumerateFiles(Repository.Path("src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)),
            f => File.ReadAllText(f).Contains("System.Security.Cryptography", StringComparison.Ordinal));
}
