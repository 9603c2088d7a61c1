//! The functions of `channel` and `channel-async`, each with the capability that it needs. `hostcalls` makes its list of such rows.

/// Puts the rows of this folder behind those given, and goes on with the next folder.
macro_rules! channel_calls {
    ($then:ident [$($rest:ident)*] $($rows:tt)*) => {
        $then! { [$($rest)*] $($rows)*
            ChannelChannelCreate = "channel" "channel.create" CHANNELS,
            ChannelChannelAttach = "channel" "channel.attach" CHANNELS,
            ChannelChannelShare = "channel" "channel.share" CHANNELS,
            ChannelChannelRevoke = "channel" "channel.revoke" CHANNELS,
            ChannelChannelNarrow = "channel" "channel.narrow" FREE,
            ChannelChannelAccess = "channel" "channel.access" FREE,
            ChannelChannelStrongWriter = "channel" "channel.strong-writer" WRITER,
            ChannelChannelWeakWriter = "channel" "channel.weak-writer" WRITER,
            ChannelChannelStrongReader = "channel" "channel.strong-reader" READER,
            ChannelChannelWeakReader = "channel" "channel.weak-reader" READER,
            ChannelChannelDrain = "channel" "channel.drain" CHANNELS,
            ChannelChannelTerminate = "channel" "channel.terminate" CHANNELS,
            ChannelChannelStats = "channel" "channel.stats" FREE,
            ChannelReaderRead = "channel" "reader.read" READER,
            ChannelReaderTryRead = "channel" "reader.try-read" READER,
            ChannelReaderReadWithin = "channel" "reader.read-within" READER,
            ChannelReaderReadPacked = "channel" "reader.read-packed" READER,
            ChannelReaderTryReadPacked = "channel" "reader.try-read-packed" READER,
            ChannelReaderPutBack = "channel" "reader.put-back" READER,
            ChannelReaderCommit = "channel" "reader.commit" FREE,
            ChannelReaderAttempt = "channel" "reader.attempt" FREE,
            ChannelReaderEndAtStop = "channel" "reader.end-at-stop" FREE,
            ChannelReaderIsStopped = "channel" "reader.is-stopped" FREE,
            ChannelReaderDowngrade = "channel" "reader.downgrade" FREE,
            ChannelWriterId = "channel" "writer.id" FREE,
            ChannelWriterWrite = "channel" "writer.write" WRITER,
            ChannelWriterTryWrite = "channel" "writer.try-write" WRITER,
            ChannelWriterWritePacked = "channel" "writer.write-packed" WRITER,
            ChannelWriterTryWritePacked = "channel" "writer.try-write-packed" WRITER,
            ChannelWriterWriteWith = "channel" "writer.write-with" WRITER,
            ChannelWriterTryWriteWith = "channel" "writer.try-write-with" WRITER,
            ChannelWriterIsUnread = "channel" "writer.is-unread" FREE,
            ChannelWriterChannelName = "channel" "writer.channel-name" FREE,
            ChannelWriterDowngrade = "channel" "writer.downgrade" FREE,
            ChannelAsyncWrite = "channel-async" "write" WRITER,
            ChannelAsyncWritePacked = "channel-async" "write-packed" WRITER,
            ChannelAsyncWriteWith = "channel-async" "write-with" WRITER,
            ChannelAsyncAwaitFrame = "channel-async" "await-frame" READER,
            ChannelAsyncAwaitRoom = "channel-async" "await-room" WRITER,
            ChannelAsyncAwaitUnread = "channel-async" "await-unread" FREE,
            ChannelAsyncWriteBytes = "channel-async" "write-bytes" WRITER,
            ChannelAsyncReadBytes = "channel-async" "read-bytes" READER,
            ChannelAsyncRead = "channel-async" "read" READER,
            ChannelAsyncReadPacked = "channel-async" "read-packed" READER,
        }
    };
}

pub(crate) use channel_calls;
